using System.Text.Json;
using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;

namespace Connector.Benchmarks.EndToEnd.Speculative;

/// <summary>A request and the category it counts for.</summary>
internal sealed record BenchmarkTask(string Category, GenerationRequest Request);

/// <summary>What is measured: the prompts given, and texts of the benchmark's own.</summary>
internal static class BenchmarkTasks
{
    private static readonly string[] s_chat = ["writing", "roleplay", "reasoning", "math", "coding", "extraction", "stem", "humanities"];

    private static readonly string[] s_files =
    [
        "public sealed class Counter\n{\n    private int _value;\n\n    public int Value => _value;\n\n    public void Increment() => _value++;\n\n    public void Reset() => _value = 0;\n}\n",
        "[server]\nhost = localhost\nport = 8080\n\n[database]\nuser = admin\nname = orders\ntimeout = 30\n\n[logging]\nlevel = info\nfile = server.log\n",
        "def total(prices, tax):\n    result = 0\n    for price in prices:\n        result += price\n    return result * (1 + tax)\n\n\ndef average(prices):\n    return total(prices, 0) / len(prices)\n",
    ];

    private static readonly string[] s_people =
    [
        "Maria Keller, 34, is a nurse in Hamburg. She speaks German and Spanish.",
        "John Okafor is 51 years old and repairs bicycles in Leeds; he speaks English and Igbo.",
        "In Lyon lives Claire Dubois, a baker aged 29, who speaks French.",
        "Tomas Novak (42) drives a tram in Prague. His languages are Czech, Polish and Russian.",
        "Aiko Tanaka, a 63 year old gardener from Kyoto, speaks Japanese and a little English.",
        "Pedro Alves is a plumber. He is 38, lives in Porto and speaks Portuguese and French.",
    ];

    private static readonly string[] s_questions =
    [
        "What is the weather in Paris tomorrow?",
        "Book a table for two at seven in Rome.",
        "Set an alarm for half past six.",
        "Will it rain in Oslo today?",
        "We are five and want to eat in Madrid at nine in the evening.",
        "Wake me up at a quarter to eight.",
    ];

    private const string PersonSchema = """
        {"type":"object","properties":{"name":{"type":"string","maxLength":40},"age":{"type":"integer","minimum":0,"maximum":120},"job":{"type":"string","maxLength":40},
        "city":{"type":"string","maxLength":40},"languages":{"type":"array","items":{"type":"string","maxLength":20},"maxItems":3}},
        "required":["name","age","job","city","languages"],"additionalProperties":false}
        """;

    private const string CallSchema = """
        {"anyOf":[
        {"type":"object","properties":{"name":{"const":"get_weather"},"arguments":{"type":"object","properties":{"city":{"type":"string","maxLength":30},"day":{"enum":["today","tomorrow"]}},
        "required":["city","day"],"additionalProperties":false}},"required":["name","arguments"],"additionalProperties":false},
        {"type":"object","properties":{"name":{"const":"book_table"},"arguments":{"type":"object","properties":{"city":{"type":"string","maxLength":30},"time":{"type":"string","maxLength":10},"people":{"type":"integer","maximum":20}},
        "required":["city","time","people"],"additionalProperties":false}},"required":["name","arguments"],"additionalProperties":false},
        {"type":"object","properties":{"name":{"const":"set_alarm"},"arguments":{"type":"object","properties":{"time":{"type":"string","maxLength":10}},
        "required":["time"],"additionalProperties":false}},"required":["name","arguments"],"additionalProperties":false}]}
        """;

    /// <summary>All tasks; with <paramref name="quick"/> a few of each category.</summary>
    public static IReadOnlyList<BenchmarkTask> All(ILanguageModel model, IReadOnlyList<BenchmarkPrompt> prompts, bool quick, SamplingOptions sampling, int tokens)
    {
        var most = quick ? 2 : int.MaxValue;
        var given = prompts.Select(p => (Category: s_chat.Contains(p.Category, StringComparer.Ordinal) ? "chat" : p.Category, p.Text));
        var own = s_files.SelectMany(f => Enumerable.Range(3, 2).Select(version => (Category: "agent loop", Text: Loop(f, version))))
            .Concat(s_people.Select(p => (Category: "JSON", Text: $"{p}\nWrite this as JSON with name, age, job, city and languages.")))
            .Concat(s_questions.Select(q => (Category: "tools", Text: $"You have the functions get_weather(city, day), book_table(city, time, people), set_alarm(time). Answer with one JSON object with name and arguments.\n{q}")));
        return
        [
            .. given.Concat(own).GroupBy(p => p.Category, StringComparer.Ordinal).SelectMany(g => g.Take(most))
                .Select(p => new BenchmarkTask(p.Category, Request(model, p.Text, sampling, tokens, Constraint(model, p.Category)))),
            .. Enumerable.Range(0, Math.Min(3, most)).Select(i => new BenchmarkTask("random", Noise(model, i, tokens))),
        ];
    }

    /// <summary>Requests that count for nothing: text, and text under each constraint, whose code would else be compiled within the first answer.</summary>
    public static IReadOnlyList<GenerationRequest> WarmUp(ILanguageModel model) =>
        [.. ((string[])["chat", "JSON", "tools"]).Select(category => Request(model, "Tell me about lighthouses.", SamplingOptions.Greedy, 48, Constraint(model, category)))];

    // What an agent does all day: it writes a file that it has read and written before, with a change.
    private static string Loop(string file, int version)
    {
        const string answer = "<|im_end|>\n<|im_start|>assistant\n", next = "<|im_end|>\n<|im_start|>user\n";
        var turns = Enumerable.Range(2, version - 2).Select(earlier => $"{Ask(earlier)}{answer}# version {earlier}\n{file}{next}");
        return $"Here is the file:\n{file}{answer}I have read it.{next}{string.Concat(turns)}{Ask(version)}";

        static string Ask(int version) => $"Write the file with the first line \"# version {version}\".";
    }

    private static CompiledConstraint? Constraint(ILanguageModel model, string category)
    {
        var schema = category switch { "JSON" => PersonSchema, "tools" => CallSchema, _ => null };
        return schema is null ? null : ConstraintCompiler.Compile(JsonDocument.Parse(schema).RootElement, model.Vocabulary);
    }

    private static GenerationRequest Request(ILanguageModel model, string text, SamplingOptions sampling, int tokens, ITokenConstraint? constraint) => new()
    {
        Constraint = constraint,
        Prompt = model.Vocabulary.Tokenize($"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n", parseSpecial: true),
        MaxTokens = tokens,
        Sampling = sampling,
    };

    /// <summary>The adversary: random tokens, sampled so hot that nothing can guess them.</summary>
    private static GenerationRequest Noise(ILanguageModel model, int seed, int tokens)
    {
        var random = new Random(seed);
        return new GenerationRequest
        {
            Prompt = Enumerable.Range(0, 64).Select(_ => random.Next(256, model.Vocabulary.Count)).ToArray(),
            MaxTokens = tokens,
            Sampling = new SamplingOptions { Temperature = 20, Seed = (ulong)seed },
        };
    }
}
