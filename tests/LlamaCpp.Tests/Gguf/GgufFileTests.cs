using System.Buffers.Binary;
using System.Text;
using Connector.LlamaCpp.Interop;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Gguf;

public sealed class GgufFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("connector-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_demo_models_header_is_read()
    {
        var file = GgufFile.Read(TestModels.Demo);

        Assert.Equal("llama", file.Architecture);
        Assert.Equal(1024, file.GetArchitectureInteger("context_length"));
        Assert.Equal(4096, file.Metadata.GetArray<string>("tokenizer.ggml.tokens")?.Count);
        Assert.Contains("im_start", file.Metadata.GetString("tokenizer.chat_template"), StringComparison.Ordinal);
        var embedding = Assert.Single(file.Tensors, tensor => string.Equals(tensor.Name, "token_embd.weight", StringComparison.Ordinal));
        Assert.Equal([256L, 4096L], embedding.Shape.AsEnumerable());
        Assert.Equal(("Q8_0", 256L * 4096 / 32 * 34), (embedding.Type, embedding.Length));
        var last = file.Tensors[^1];
        Assert.InRange(new FileInfo(TestModels.Demo).Length - (last.Offset + last.Length), 0, 31);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        Assert.Throws<FileNotFoundException>(() => GgufFile.Read(Path.Combine(_folder.FullName, "none.gguf")));
        Assert.Throws<FileNotFoundException>(() => GgufFile.Read(Path.Combine(_folder.FullName, "no", "folder.gguf")));
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var whole = File.ReadAllBytes(TestModels.DemoDraft);
        var data = (int)GgufFile.Read(TestModels.DemoDraft).Tensors[0].Offset;
        var random = new Random(1);
        var cuts = Enumerable.Range(0, 64).Concat(Enumerable.Range(0, 60).Select(_ => random.Next(data))).Concat([data, data + 1, whole.Length - 32]);

        Assert.All(cuts, cut => Assert.Throws<InvalidGgufException>(() => GgufFile.Read(Write("cut.gguf", whole.AsSpan(0, cut)))));
    }

    [Theory]
    [InlineData("GGUX", 3, 0, 0, "GGUF")]
    [InlineData("GGUF", 1, 0, 0, "version 1")]
    [InlineData("GGUF", 4, 0, 0, "version 4")]
    [InlineData("GGUF", 3, -1, 0, "-1 tensors")]
    [InlineData("GGUF", 3, 0, long.MaxValue, "metadata entries")]
    public void A_header_that_cannot_be_is_refused_with_its_reason(string magic, int version, long tensors, long entries, string reason)
    {
        var bytes = new byte[24 + 64];
        Encoding.ASCII.GetBytes(magic, bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), tensors);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), entries);

        var error = Assert.Throws<InvalidGgufException>(() => GgufFile.Read(Write("header.gguf", bytes)));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("header.gguf", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_text_stay_apart()
    {
        Assert.Equal("aé", GgufReader.Decode([0x61, 0xC3, 0xA9]));
        Assert.Equal("\uDCFFa", GgufReader.Decode([0xFF, 0x61]));
        Assert.Equal("a\uDCC3", GgufReader.Decode([0x61, 0xC3]));
        Assert.Equal("\uDCED\uDCA0\uDC80é", GgufReader.Decode([0xED, 0xA0, 0x80, 0xC3, 0xA9]));
    }

    [Fact]
    public void A_length_beyond_the_file_takes_no_memory()
    {
        var bytes = new byte[24 + 8 + 1 + 4 + 4 + 8];
        "GGUF"u8.CopyTo(bytes);
        bytes[4] = 3;
        bytes[16] = 1;
        bytes[24] = 1;
        bytes[32] = (byte)'k';
        bytes[33] = 9;
        bytes[37] = 4;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(41), ulong.MaxValue / 8);

        var error = Assert.Throws<InvalidGgufException>(() => GgufFile.Read(Write("array.gguf", bytes)));

        Assert.Contains("runs past the end", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_formats_are_ggmls()
    {
        // Loading a model loads the library.
        using var model = await LlamaModel.LoadAsync(TestModels.DemoDraft);

        for (var id = 0; id < GgmlType.ById.Count; id++)
        {
            if (GgmlType.ById[id].Name is not null)
            {
                Assert.Equal((id, GgmlType.ById[id].BlockLength, GgmlType.ById[id].BlockBytes), (id, (int)Ggml.BlockLength(id), (int)Ggml.BlockBytes(id)));
            }
        }
    }

    [Fact]
    public void A_model_in_several_files_is_read_whole()
    {
        var first = Write("m-00001-of-00002.gguf", Part(0, 2, "a"));
        Write("m-00002-of-00002.gguf", Part(1, 2, "b"));

        var file = GgufFile.Read(first);

        Assert.Equal(2, file.Paths.Length);
        Assert.Equal("a b", string.Join(" ", file.Tensors.Select(tensor => tensor.Name)));
        Assert.EndsWith("m-00002-of-00002.gguf", file.Tensors[1].Path, StringComparison.Ordinal);
        Assert.Contains("first", Assert.Throws<InvalidGgufException>(() => GgufFile.Read(file.Paths[1])).Message, StringComparison.Ordinal);
        File.Delete(file.Paths[1]);
        Assert.Throws<FileNotFoundException>(() => GgufFile.Read(first));
    }

    private string Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    // The smallest file with split metadata and one F32 tensor of one number.
    private static byte[] Part(ushort number, ushort count, string tensor)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write(1L);
        writer.Write(2L);
        Entry("split.no", number);
        Entry("split.count", count);
        Text(tensor);
        writer.Write(1);
        writer.Write(1L);
        writer.Write(0);
        writer.Write(0L);
        writer.Write(new byte[(32 - (stream.Length % 32)) % 32]);
        writer.Write(1f);
        return stream.ToArray();

        void Entry(string key, ushort value)
        {
            Text(key);
            writer.Write(2);
            writer.Write(value);
        }

        void Text(string text)
        {
            writer.Write((long)text.Length);
            writer.Write(Encoding.ASCII.GetBytes(text));
        }
    }
}
