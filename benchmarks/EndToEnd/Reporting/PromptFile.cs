using System.IO.Compression;
using System.Text.Json;

namespace Connector.Benchmarks.EndToEnd.Reporting;

/// <summary>A prompt.</summary>
/// <param name="Text">What the user says.</param>
/// <param name="Category">Its "category" in the data, or empty.</param>
internal sealed record BenchmarkPrompt(string Text, string Category);

/// <summary>Prompts from a file, or the few that the embedded model knows.</summary>
internal static class PromptFile
{
    private static readonly BenchmarkPrompt[] s_embedded =
    [
        new("What is the capital of South Korea?", "facts"),
        new("Which city is the capital of Ghana?", "facts"),
        new("Show me what you can do.", "small talk"),
        new("Remember the code KWA-9524.", "memory"),
    ];

    public static async Task<IReadOnlyList<BenchmarkPrompt>> ReadAsync(FileInfo? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return s_embedded;
        }

        await using var stream = file.OpenRead();
        await using Stream text = file.Extension == ".gz" ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using var reader = new StreamReader(text);
        var prompts = new List<BenchmarkPrompt>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                prompts.Add(line.StartsWith('{') ? FromJson(line, $"{file.Name}, prompt {prompts.Count + 1}") : new BenchmarkPrompt(line, ""));
            }
        }

        return prompts.Count > 0 ? prompts : throw new InvalidDataException($"{file.Name} holds no prompts.");
    }

    private static BenchmarkPrompt FromJson(string line, string where)
    {
        using var document = JsonDocument.Parse(line);
        foreach (var name in (string[])["prompt", "turns", "question"])
        {
            if (document.RootElement.TryGetProperty(name, out var value))
            {
                var first = value.ValueKind == JsonValueKind.Array ? value[0] : value;
                var text = first.GetString() ?? throw new InvalidDataException($"{where}: '{name}' is not text.");
                var category = document.RootElement.TryGetProperty("category", out var c) ? c.GetString() : null;
                return new BenchmarkPrompt(text, category ?? "");
            }
        }

        throw new InvalidDataException($"{where}: none of 'prompt', 'turns' and 'question' is there.");
    }
}
