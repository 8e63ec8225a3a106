using System.IO.Compression;
using System.Text.Json;

namespace Connector.TestSupport.JsonSchema;

/// <summary>MaskBench's schemas and instances, where they lie beside the repository.</summary>
internal static class MaskBenchData
{
    /// <summary>The data file, or null.</summary>
    public static string? Path => TestModels.FindData("maskbench/maskbench-dev.jsonl.gz");

    /// <summary>Every <paramref name="step"/>th schema with its instances.</summary>
    public static IEnumerable<(JsonElement Schema, JsonElement Tests)> Items(int step)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path!), CompressionMode.Decompress));
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

/// <summary>A fact that needs MaskBench's data beside the repository, and perhaps real models.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MaskBenchFactAttribute : FactAttribute
{
    public MaskBenchFactAttribute(params string[] models) =>
        Skip = MaskBenchData.Path is null ? "shared/data/maskbench is not there." : MissingModels.Reason(models);
}
