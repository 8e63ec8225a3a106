using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Connector.Decoding;
using Connector.TestSupport;
using Connector.Tests.Templates;
using Connector.Tools;
using Connector.Tools.Constraints;
using Microsoft.Extensions.AI;
using Xunit.Abstractions;

namespace Connector.Tests.Tools;

/// <summary>
/// Real tool definitions (Berkeley Function-Calling Leaderboard) in every format: they compile, and the right answer is
/// accepted to its end and read back. Every 97th row, or as CONNECTOR_TEST_SWEEP says: 1 for all.
/// </summary>
public class RealToolTests(ITestOutputHelper log)
{
    private const string Data = "tool-calling/bfcl-dev.jsonl.gz";

    [DataFact(Data)]
    public void Right_answers_are_accepted_and_read_back_in_every_format()
    {
        var every = int.TryParse(Environment.GetEnvironmentVariable("CONNECTOR_TEST_SWEEP"), CultureInfo.InvariantCulture, out var stride) ? stride : 97;
        var vocabulary = ToyVocabulary.Create(addsBegin: false, "<|im_end|>", "<|channel|>", "<|message|>", "<|constrain|>");
        var wrong = new StringBuilder();
        var times = new List<(double Milliseconds, string Where)>();
        var rows = 0;
        foreach (var (row, index) in Rows().Where(r => r.GetProperty("tools").GetArrayLength() > 0).Select((r, i) => (r, i)).Where(r => r.i % every == 0))
        {
            rows++;
            foreach (var format in ToolFormats.All)
            {
                if (Check(row, format, vocabulary, times) is { } problem && wrong.Length < 10_000)
                {
                    wrong.AppendLine(CultureInfo.InvariantCulture, $"row {index} {format.Name}: {problem}");
                }
            }
        }

        times.Sort();
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows} rows, {times.Count} constraints, compile p50 {times[times.Count / 2].Milliseconds:0.00} ms, p99 {times[times.Count * 99 / 100].Milliseconds:0.00} ms, most {string.Join("; ", times.TakeLast(6))}"));
        Assert.True(rows > 10);
        Assert.True(wrong.Length == 0, wrong.ToString());
    }

    private static string? Check(JsonElement row, ToolFormat format, Vocabulary vocabulary, List<(double Milliseconds, string Where)> times)
    {
        var tools = row.GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("function")).Select(f => new ToolSignature(
            f.GetProperty("name").GetString()!, f.GetProperty("description").GetString() ?? "", f.GetProperty("parameters"))).ToList();
        var start = Stopwatch.GetTimestamp();
        var constraint = AnswerGrammar.Compile(new AnswerRules { Format = format, Tools = tools, Mode = ChatToolMode.RequireAny }, vocabulary);
        times.Add((Stopwatch.GetElapsedTime(start).TotalMilliseconds, $"{format.Name}, {tools.Count} tools, {row.GetProperty("id")}"));
        if (!row.TryGetProperty("calls", out var calls) || !row.TryGetProperty("valid", out var valid) || !valid.GetBoolean())
        {
            return null;
        }

        var answer = calls.EnumerateArray().Select(c => new ToolCall(c.GetProperty("name").GetString()!, c.GetProperty("arguments").GetRawText())).ToList();
        foreach (var part in format == ToolFormats.Harmony ? answer.Select(a => new List<ToolCall> { a }) : [answer])
        {
            var text = format.Render(part).Text;
            var state = constraint.Start;
            var tokens = vocabulary.Tokenize(text, parseSpecial: true);
            for (var i = 0; i < tokens.Length; i++)
            {
                if (!constraint.TryAdvance(ref state, tokens[i]))
                {
                    return $"refuses {JsonSerializer.Serialize(text)} after {JsonSerializer.Serialize(vocabulary.Decode(tokens.AsSpan(0, i), true))}";
                }
            }

            if (!constraint.IsComplete(state))
            {
                return $"does not end {text}";
            }

            var byName = tools.DistinctBy(t => t.Name, StringComparer.Ordinal).ToDictionary(t => t.Name, StringComparer.Ordinal);
            var read = new List<ToolCall>();
            var reader = new Connector.Tools.Parsing.CallReader(text, isFinal: true);
            while (reader.Position < text.Length)
            {
                reader.Space();
                if (!format.TryRead(ref reader, byName, read))
                {
                    return $"cannot read {text}";
                }
            }

            if (SampleTools.ShowCalls(read) != SampleTools.ShowCalls(part))
            {
                return $"reads {SampleTools.ShowCalls(read)} instead of {SampleTools.ShowCalls(part)}";
            }
        }

        return null;
    }

    private static IEnumerable<JsonElement> Rows()
    {
        using var file = new GZipStream(File.OpenRead(TestModels.GetData(Data)), CompressionMode.Decompress);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            yield return JsonDocument.Parse(line).RootElement;
        }
    }
}
