using System.IO.Compression;
using System.Text.Json;

namespace Connector.TestSupport.JsonSchema;

/// <summary>MaskBench's schemas and instances, where they lie beside the repository.</summary>
internal static class MaskBenchData
{
    /// <summary>The file, for a <see cref="DataFactAttribute"/>.</summary>
    public const string File = "maskbench/maskbench-dev.jsonl.gz";

    /// <summary>Every <paramref name="step"/>th schema with its instances.</summary>
    public static IEnumerable<(JsonElement Schema, JsonElement Tests)> Items(int step)
    {
        using var reader = new StreamReader(new GZipStream(System.IO.File.OpenRead(TestModels.GetData(File)), CompressionMode.Decompress));
        for (var index = 0; reader.ReadLine() is { } line; index++)
        {
            if (index % step == 0)
            {
                var item = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 512 }).RootElement;
                yield return (item.GetProperty("schema"), item.GetProperty("tests"));
            }
        }
    }
}
