using System.IO.Compression;
using System.Text.Json;

namespace Connector.Benchmarks.MaskBench;

/// <summary>A schema with the instances that it accepts and refuses, as one line of the data.</summary>
internal readonly record struct BenchItem(string Line)
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 512 };

    /// <summary>Reads the data file, or some of it.</summary>
    public static List<BenchItem> Load(BenchOptions options)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(options.Data), CompressionMode.Decompress));
        var items = new List<BenchItem>();
        while (reader.ReadLine() is { } line)
        {
            if (options.Only is null || line[..Math.Min(line.Length, 200)].Contains(options.Only, StringComparison.Ordinal))
            {
                items.Add(new BenchItem(line));
            }
        }

        return options.Sample is { } sample && sample < items.Count
            ? [.. Enumerable.Range(0, sample).Select(i => items[(int)((long)i * items.Count / sample)])]
            : items;
    }

    /// <summary>Parses the line.</summary>
    public JsonDocument Parse() => JsonDocument.Parse(Line, Deep);
}
