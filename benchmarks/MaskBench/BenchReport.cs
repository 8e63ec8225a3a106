using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Connector.Benchmarks.MaskBench;

/// <summary>What a run found.</summary>
internal sealed record BenchReport(BenchOptions Options, int VocabularySize, SchemaResult[] Results, TimeSpan Elapsed, long? BytesPerConstraint)
{
    private IEnumerable<(string Name, object? Value)> Figures
    {
        get
        {
            var compile = Sorted(Results.Select(r => (float)r.CompileMilliseconds));
            yield return ("schemas", Results.Length);
            yield return ("schemas right", Results.Count(r => r.IsRight));
            yield return ("schemas right, %", 100.0 * Results.Count(r => r.IsRight) / Math.Max(Results.Length, 1));
            yield return ("refused", Results.Count(r => r is { Refused: not null, IsUnsatisfiable: false }));
            yield return ("found to accept nothing", Results.Count(r => r.IsUnsatisfiable));
            yield return ("with a false reject", Results.Count(r => r.FalseRejects.Count > 0));
            yield return ("with a false accept, named", Results.Count(r => r.FalseAccepts.Count > 0 && r.Unenforced.Count > 0));
            yield return ("with a false accept, unnamed", Results.Count(r => r.FalseAccepts.Count > 0 && r.Unenforced.Count == 0));
            yield return ("with a mask error", Results.Count(r => r.MaskErrors.Count > 0));
            yield return ("tokens walked", Results.Sum(r => (long)r.Tokens));
            yield return ("compile p50, ms", At(compile, 0.5));
            yield return ("compile p90, ms", At(compile, 0.9));
            yield return ("compile p99, ms", At(compile, 0.99));
            yield return ("compile max, ms", At(compile, 1));
            foreach (var (name, times) in new[] { ("cold", Sorted(Results.SelectMany(r => r.Cold))), ("warm", Sorted(Results.SelectMany(r => r.Warm))) })
            {
                if (times.Length > 0)
                {
                    yield return ($"mask {name} p50, µs", At(times, 0.5));
                    yield return ($"mask {name} p90, µs", At(times, 0.9));
                    yield return ($"mask {name} p99, µs", At(times, 0.99));
                    yield return ($"mask {name} p99.9, µs", At(times, 0.999));
                    yield return ($"mask {name} avg, µs", times.Average(t => (double)t));
                }
            }

            yield return ("bytes per constraint", BytesPerConstraint);
            yield return ("seconds in all", Elapsed.TotalSeconds);
        }
    }

    /// <summary>The report as a table, with the failures where asked.</summary>
    public string ToMarkdown(bool withFailures)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"MaskBench, {VocabularySize} tokens, property order {Options.Order}, {Options.Parallel} thread(s){(Options.Quick ? ", quick" : "")}").AppendLine();
        text.AppendLine("| | |").AppendLine("|---|---:|");
        foreach (var (name, value) in Figures.Where(f => f.Value is not null))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {Format(value)} |");
        }

        if (withFailures)
        {
            text.AppendLine().AppendLine("| schema | what | unenforced |").AppendLine("|---|---|---|");
            foreach (var result in Results.Where(r => !r.IsRight))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"| {result.Name} | {What(result)} | {string.Join("; ", result.Unenforced.Take(3))} |");
            }
        }

        return text.ToString();
    }

    /// <summary>The report as JSON.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("vocabulary", VocabularySize);
            writer.WriteString("order", Options.Order.ToString());
            foreach (var (name, value) in Figures)
            {
                writer.WritePropertyName(name);
                JsonSerializer.Serialize(writer, value);
            }

            writer.WriteStartArray("failures");
            foreach (var result in Results.Where(r => !r.IsRight))
            {
                writer.WriteStartObject();
                writer.WriteString("name", result.Name);
                writer.WriteString("what", What(result));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string What(SchemaResult result)
    {
        List<string?> parts =
        [
            result.Refused,
            .. result.FalseRejects.Take(2).Select(r => "false reject " + r),
            .. result.FalseAccepts.Take(2).Select(a => "false accept " + a),
            .. result.MaskErrors.Take(2).Select(m => "mask error " + m),
        ];
        return string.Join("; ", parts.OfType<string>()).ReplaceLineEndings(" ");
    }

    private static float[] Sorted(IEnumerable<float> values)
    {
        float[] sorted = [.. values];
        Array.Sort(sorted);
        return sorted;
    }

    private static float At(float[] sorted, double quantile) =>
        sorted.Length == 0 ? 0 : sorted[Math.Min((int)(quantile * sorted.Length), sorted.Length - 1)];

    private static string Format(object? value) => value switch
    {
        double d => d.ToString("0.###", CultureInfo.InvariantCulture),
        float f => f.ToString("0.###", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
