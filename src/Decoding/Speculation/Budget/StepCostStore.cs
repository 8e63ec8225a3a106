using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Connector.Decoding.Speculation;

/// <summary>
/// Keeps cost models between runs, a small JSON file for each model, device and conditions of the context, so that the next load
/// starts warm. What cannot be read is measured anew. Thread-safe across processes: files are replaced whole.
/// </summary>
/// <param name="folder">The folder, such as one in the user's cache folder; made when something is saved.</param>
internal sealed class StepCostStore(string folder)
{
    private const int Version = 2;

    /// <summary>The model kept for a key, or null.</summary>
    /// <param name="key">Names model file, device and conditions.</param>
    public StepCostModel? Load(string key)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(PathOf(key)));
            var root = json.RootElement;
            return root.GetProperty("version").GetInt32() == Version && root.GetProperty("key").GetString() == key
                ? new StepCostModel(Numbers(root.GetProperty("fixed")), root.GetProperty("shared").GetDouble(), root.GetProperty("perRow").GetDouble())
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            // Absent or damaged: a measurement replaces it.
            return null;
        }
    }

    /// <summary>Keeps a model.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public void Save(string key, StepCostModel model)
    {
        Directory.CreateDirectory(folder);
        var path = PathOf(key);
        var part = $"{path}.{Environment.ProcessId}";
        using (var stream = File.Create(part))
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("key", key);
            json.WriteStartArray("fixed");
            foreach (var number in model.Fixed)
            {
                json.WriteNumberValue(number);
            }

            json.WriteEndArray();
            json.WriteNumber("shared", model.Shared);
            json.WriteNumber("perRow", model.PerRow);
            json.WriteEndObject();
        }

        File.Move(part, path, overwrite: true);
    }

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(n => n.GetDouble())];

    private string PathOf(string key) =>
        Path.Combine(folder, $"step-cost-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 8))}.json");
}
