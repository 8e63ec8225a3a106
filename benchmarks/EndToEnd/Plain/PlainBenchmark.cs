using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Decoding;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Connector.LlamaCpp;

namespace Connector.Benchmarks.EndToEnd.Plain;

/// <summary>
/// Plain decoding by the engine against a bare llama_decode loop in the same process: the same model, prompt, threads and
/// number of tokens, greedy, taking turns so that a change of the machine's pace hits both.
/// </summary>
internal sealed class PlainBenchmark : IBenchmark
{
    private static readonly Option<int> s_tokens = new("--tokens") { Description = "Tokens to generate in a run.", DefaultValueFactory = _ => 128 };
    private static readonly Option<int> s_promptTokens = new("--prompt-tokens") { Description = "Tokens of the prompt.", DefaultValueFactory = _ => 256 };
    private static readonly Option<int> s_rounds = new("--rounds") { Description = "Pairs of runs. Default: 15, or 5 with --quick.", DefaultValueFactory = _ => 0 };

    private static readonly Option<int?> s_threads = new("--threads") { Description = "Threads of both. Default: the physical cores." };

    public string Name => "plain";

    public string Description => "Prompt and generation tokens per second, time to first token, and the share of a bare llama_decode loop's speed that is kept.";

    public IReadOnlyList<Option> Options => [s_tokens, s_promptTokens, s_rounds, s_threads];

    public async Task RunAsync(BenchmarkRun run, CancellationToken cancellationToken)
    {
        using var model = await LlamaModel.LoadAsync(run.Model.FullName, cancellationToken: cancellationToken);
        var vocabulary = model.Vocabulary;
        var count = run.Options.GetValue(s_tokens);
        var rounds = run.Options.GetValue(s_rounds) is > 0 and var chosen ? chosen : run.Quick ? 5 : 15;
        var prompt = Prompt(vocabulary, run.Prompts, run.Options.GetValue(s_promptTokens));
        var capacity = prompt.Length + count + 8;
        run.Report.Fact("run", $"{prompt.Length} prompt tokens, {count} tokens generated greedily with end tokens forbidden, {rounds} pairs of runs taking turns, {(run.Options.GetValue(s_threads) is { } t ? $"{t} threads" : "a thread for each physical core")}");

        var threads = run.Options.GetValue(s_threads);
        using var context = model.CreateContext(new LlamaContextOptions { Capacity = capacity, Threads = threads });
        var bare = new BareLoop(context, vocabulary.Count, vocabulary.EndOfGeneration);
        var bareAnswer = new int[count];
        await using var engine = new DecodingEngine(model, new EngineOptions
        {
            ContextCapacity = capacity,
            MaxSequences = 1,
            MaxCachedSequences = 0,
            ConfigureContext = options => new LlamaContextOptions(options) { Threads = threads },
        });
        var request = new GenerationRequest
        {
            Prompt = prompt,
            MaxTokens = count,
            Sampling = SamplingOptions.Greedy with { LogitBias = vocabulary.EndOfGeneration.ToImmutableDictionary(t => t, _ => float.NegativeInfinity) },
        };

        var pairs = new List<(Timing Bare, Timing Ours)>();
        var equal = 0;
        for (var round = -1; round < rounds; round++)
        {
            // Who goes first alternates; the first pair warms up and does not count.
            Timing theirs = default;
            var (ours, tokens) = round % 2 == 0 ? (default, []) : await RunAsync(engine, request, cancellationToken);
            theirs = RunBare(bare, prompt, bareAnswer);
            if (round % 2 == 0)
            {
                (ours, tokens) = await RunAsync(engine, request, cancellationToken);
            }

            if (round >= 0)
            {
                pairs.Add((theirs, ours));
                equal += tokens.SequenceEqual(bareAnswer) ? 1 : 0;
            }
        }

        Tell(run.Report, pairs, prompt.Length, count);
        run.Report.Fact("equal answers", $"{equal} of {rounds} runs gave the bare loop's tokens");
    }

    private static void Tell(Report report, List<(Timing Bare, Timing Ours)> pairs, int promptTokens, int count)
    {
        Estimate Of(Func<(Timing Bare, Timing Ours), double> value) => Estimate.Of([.. pairs.Select(value)]);
        report.Table(
            "Plain decoding: medians and 95 % intervals",
            ["", "prompt tokens/s", "time to first token, ms", "generated tokens/s"],
            [
                ["bare loop", Of(p => promptTokens / p.Bare.First), Of(p => p.Bare.First * 1e3), Of(p => (count - 1) / p.Bare.Rest)],
                ["Connector", Of(p => promptTokens / p.Ours.First), Of(p => p.Ours.First * 1e3), Of(p => (count - 1) / p.Ours.Rest)],
                ["Connector / bare, pair by pair", Of(p => p.Bare.First / p.Ours.First), Of(p => p.Ours.First / p.Bare.First), Of(p => p.Bare.Rest / p.Ours.Rest)],
            ]);
        report.Table(
            "Overhead per token",
            ["", "µs"],
            [["engine, sampler, channel", Of(p => (p.Ours.Rest - p.Bare.Rest) / (count - 1) * 1e6)]]);
    }

    private static Timing RunBare(BareLoop bare, int[] prompt, int[] answer)
    {
        var start = Stopwatch.GetTimestamp();
        answer[0] = bare.Prefill(prompt);
        var first = Stopwatch.GetElapsedTime(start);
        bare.Generate(prompt.Length, answer);
        return new Timing(first.TotalSeconds, (Stopwatch.GetElapsedTime(start) - first).TotalSeconds);
    }

    private static async Task<(Timing Timing, List<int> Tokens)> RunAsync(DecodingEngine engine, GenerationRequest request, CancellationToken cancellationToken)
    {
        var tokens = new List<int>();
        var start = Stopwatch.GetTimestamp();
        var first = TimeSpan.Zero;
        await foreach (var token in engine.Submit(request, cancellationToken).WithCancellation(cancellationToken))
        {
            first = tokens.Count == 0 ? Stopwatch.GetElapsedTime(start) : first;
            tokens.Add(token.Token);
        }

        return (new Timing(first.TotalSeconds, (Stopwatch.GetElapsedTime(start) - first).TotalSeconds), tokens);
    }

    /// <summary>The prompts one after another, repeated and cut to a length.</summary>
    private static int[] Prompt(Vocabulary vocabulary, IReadOnlyList<BenchmarkPrompt> prompts, int length)
    {
        var text = vocabulary.Tokenize(string.Join("\n\n", prompts.Select(p => p.Text)), parseSpecial: false);
        return [.. Enumerable.Range(0, length).Select(i => text[i % text.Length])];
    }

    /// <summary>Seconds until the first token, and from there to the last.</summary>
    private readonly record struct Timing(double First, double Rest);
}
