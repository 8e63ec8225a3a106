using System.IO.Compression;
using System.Text.Json;

namespace Connector.Benchmarks.DraftReplay;

/// <summary>A recorded run: the prompt, the answer, and the likeliest tokens at each position of the answer.</summary>
internal sealed record Trace(string Category, int[] Prompt, int[] Output, (int Token, float Probability)[][] Top)
{
    private static readonly string[] s_chat = ["writing", "roleplay", "reasoning", "math", "coding", "extraction", "stem", "humanities"];

    /// <summary>Reads traces: JSON Lines, gzipped where the name ends in .gz.</summary>
    public static IEnumerable<Trace> Read(string path)
    {
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var category = root.GetProperty("category").GetString() ?? "";
            yield return new Trace(
                s_chat.Contains(category) ? "chat" : category,
                Ints(root.GetProperty("prompt")),
                Ints(root.GetProperty("output")),
                [.. root.GetProperty("top").EnumerateArray().Select(p => p.EnumerateArray().Select(t => (t[0].GetInt32(), t[1].GetSingle())).ToArray())]);
        }
    }

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(t => t.GetInt32())];
}
