using System.Collections.Immutable;

namespace Connector.LlamaCpp;

/// <summary>What a GGUF file says about one tensor.</summary>
/// <param name="Name">Its name, such as <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">How its numbers are stored, by llama.cpp's name, such as <c>Q8_0</c>.</param>
/// <param name="Shape">Its dimensions, the fastest-moving first.</param>
/// <param name="Path">The file that holds it; of a model in several files, one of them.</param>
/// <param name="Offset">Where it starts in that file, in bytes.</param>
/// <param name="Length">Its size in bytes.</param>
public sealed record GgufTensor(string Name, string Type, ImmutableArray<long> Shape, string Path, long Offset, long Length);

/// <summary>A storage format of ggml: numbers come in blocks of a fixed size in bytes.</summary>
internal readonly record struct GgmlType(string Name, int BlockLength, int BlockBytes)
{
    // By id; a default entry is an id that no file may use. Facts of ggml v0.5.0; a test compares them with the library.
    private static readonly GgmlType[] Known = new GgmlType[43];

    static GgmlType()
    {
        Known[0] = new("F32", 1, 4);
        Known[1] = new("F16", 1, 2);
        Known[2] = new("Q4_0", 32, 18);
        Known[3] = new("Q4_1", 32, 20);
        Known[6] = new("Q5_0", 32, 22);
        Known[7] = new("Q5_1", 32, 24);
        Known[8] = new("Q8_0", 32, 34);
        Known[9] = new("Q8_1", 32, 36);
        Known[10] = new("Q2_K", 256, 84);
        Known[11] = new("Q3_K", 256, 110);
        Known[12] = new("Q4_K", 256, 144);
        Known[13] = new("Q5_K", 256, 176);
        Known[14] = new("Q6_K", 256, 210);
        Known[15] = new("Q8_K", 256, 292);
        Known[16] = new("IQ2_XXS", 256, 66);
        Known[17] = new("IQ2_XS", 256, 74);
        Known[18] = new("IQ3_XXS", 256, 98);
        Known[19] = new("IQ1_S", 256, 50);
        Known[20] = new("IQ4_NL", 32, 18);
        Known[21] = new("IQ3_S", 256, 110);
        Known[22] = new("IQ2_S", 256, 82);
        Known[23] = new("IQ4_XS", 256, 136);
        Known[24] = new("I8", 1, 1);
        Known[25] = new("I16", 1, 2);
        Known[26] = new("I32", 1, 4);
        Known[27] = new("I64", 1, 8);
        Known[28] = new("F64", 1, 8);
        Known[29] = new("IQ1_M", 256, 56);
        Known[30] = new("BF16", 1, 2);
        Known[34] = new("TQ1_0", 256, 54);
        Known[35] = new("TQ2_0", 256, 66);
        Known[39] = new("MXFP4", 32, 17);
        Known[40] = new("NVFP4", 64, 36);
        Known[41] = new("Q1_0", 128, 18);
        Known[42] = new("Q2_0", 64, 18);
    }

    /// <summary>The formats that ids stand for; an entry without a name is an id that no file may use.</summary>
    public static IReadOnlyList<GgmlType> ById => Known;
}
