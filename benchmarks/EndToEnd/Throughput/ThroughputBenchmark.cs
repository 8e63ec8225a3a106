using System.CommandLine;
using System.Diagnostics;
using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Decoding.Engine;
using Connector.LlamaCpp;

namespace Connector.Benchmarks.EndToEnd.Throughput;

/// <summary>Total speed with more and more requests at once, and what running answers feel when a long prompt arrives.</summary>
internal sealed class ThroughputBenchmark : IBenchmark
{
    private static readonly int[] s_levels = [1, 2, 4, 8, 16];

    private static readonly Option<int> s_tokens = new("--tokens") { Description = "Tokens of each answer. Default: 96, or 32 with --quick.", DefaultValueFactory = _ => 0 };
    private static readonly Option<int> s_promptTokens = new("--prompt-tokens") { Description = "Tokens of each prompt.", DefaultValueFactory = _ => 64 };
    private static readonly Option<int> s_longPrompt = new("--long-prompt") { Description = "Tokens of the prompt that arrives while others run; 0: none does.", DefaultValueFactory = _ => 4000 };
    private static readonly Option<int> s_rounds = new("--rounds") { Description = "Runs of every level. Default: 5, or 1 with --quick.", DefaultValueFactory = _ => 0 };

    public string Name => "throughput";

    public string Description => "Tokens per second at 1 to 16 concurrent requests, with time to first token and between tokens; and the stall that a long prompt causes.";

    public IReadOnlyList<Option> Options => [s_tokens, s_promptTokens, s_longPrompt, s_rounds, ContextChoice.Threads, ContextChoice.FlashAttention];

    public async Task RunAsync(BenchmarkRun run, CancellationToken cancellationToken)
    {
        using var model = await LlamaModel.LoadAsync(run.Model.FullName, cancellationToken: cancellationToken);
        var tokens = run.Options.GetValue(s_tokens) is > 0 and var chosen ? chosen : run.Quick ? 32 : 96;
        var rounds = run.Options.GetValue(s_rounds) is > 0 and var times ? times : run.Quick ? 1 : 5;
        run.Report.Fact("run", $"prompts of {run.Options.GetValue(s_promptTokens)} tokens, answers of {tokens}, temperature 0.8, {rounds} rounds");

        await MeasureLevelsAsync(run, model, tokens, rounds, cancellationToken);
        if (run.Options.GetValue(s_longPrompt) > 0)
        {
            await MeasureStallAsync(run, model, tokens, cancellationToken);
        }
    }

    private static async Task MeasureLevelsAsync(BenchmarkRun run, LlamaModel model, int tokens, int rounds, CancellationToken cancellationToken)
    {
        var length = run.Options.GetValue(s_promptTokens);
        var speeds = s_levels.ToDictionary(level => level, _ => new List<double>());
        var arrivals = s_levels.ToDictionary(level => level, _ => new List<Arrivals>());

        // Levels take turns, so that a change of the machine's pace hits all of them.
        for (var round = 0; round < rounds; round++)
        {
            foreach (var level in s_levels)
            {
                await using var engine = new DecodingEngine(model, new EngineOptions
                {
                    ContextCapacity = level * (length + tokens + 8), MaxSequences = level, MaxCachedSequences = 0,
                }.Configured(run));
                await Traffic.SendAsync(engine, Traffic.Request(model.Vocabulary, Traffic.Prompt(model.Vocabulary, run.Prompts, 8, 0), 4, 0), cancellationToken);
                var start = Stopwatch.GetTimestamp();
                var all = await Task.WhenAll(Enumerable.Range(0, level).Select(i => Traffic.SendAsync(
                    engine,
                    Traffic.Request(model.Vocabulary, Traffic.Prompt(model.Vocabulary, run.Prompts, length, i), tokens, i),
                    cancellationToken)));
                speeds[level].Add(level * tokens / Stopwatch.GetElapsedTime(start).TotalSeconds);
                arrivals[level].AddRange(all);
            }
        }

        var alone = Estimate.Of(speeds[1]).Median;
        run.Report.Table(
            "All requests together; times in ms",
            ["concurrent", "tokens/s", "× one", "first token p50", "first token p95", "between tokens p50", "between tokens p95"],
            s_levels.Select(level => (IReadOnlyList<object>)
            [
                level,
                Estimate.Of(speeds[level]),
                Estimate.Of(speeds[level]).Median / alone,
                Traffic.Percentile(arrivals[level].Select(a => a.First), 0.5),
                Traffic.Percentile(arrivals[level].Select(a => a.First), 0.95),
                Traffic.Percentile(arrivals[level].SelectMany(a => a.Gaps), 0.5),
                Traffic.Percentile(arrivals[level].SelectMany(a => a.Gaps), 0.95),
            ]));
    }

    /// <summary>Four answers run; in their middle a long prompt arrives.</summary>
    private static async Task MeasureStallAsync(BenchmarkRun run, LlamaModel model, int tokens, CancellationToken cancellationToken)
    {
        const int Running = 4;
        var length = Math.Min(run.Options.GetValue(s_longPrompt), model.TrainedContextLength - 16);
        var long_ = Traffic.Prompt(model.Vocabulary, run.Prompts, length, 100);
        var rows = new List<IReadOnlyList<object>>();
        foreach (var budget in (TimeSpan[])[TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(60)])
        {
            var options = new EngineOptions { MaxSequences = Running + 1, MaxCachedSequences = 0, PrefillBudget = budget, ContextCapacity = length + (Running * 1600) };
            await using var engine = new DecodingEngine(model, options.Configured(run));
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var answers = Enumerable.Range(0, Running).Select(i => ReadUntilAsync(engine, Traffic.Request(
                model.Vocabulary, Traffic.Prompt(model.Vocabulary, run.Prompts, 32, i), Math.Min(1500, model.TrainedContextLength - 64), i), enough.Token)).ToArray();
            await Task.Delay(TimeSpan.FromMilliseconds(20 * tokens), cancellationToken);
            var arrival = Stopwatch.GetTimestamp();
            var intruder = await Traffic.SendAsync(engine, Traffic.Request(model.Vocabulary, long_, 1, 99), cancellationToken);
            var end = Stopwatch.GetTimestamp();
            await enough.CancelAsync();
            var times = await Task.WhenAll(answers);
            var before = times.SelectMany(t => Gaps(t, long.MinValue, arrival)).ToList();
            var during = times.SelectMany(t => Gaps(t, arrival, end)).ToList();
            rows.Add(
            [
                budget.TotalMilliseconds, Traffic.Percentile(before, 0.95), Traffic.Percentile(during, 0.95),
                Traffic.Percentile(during, 0.95) - Traffic.Percentile(before, 0.95), Traffic.Percentile(during, 1), intruder.First,
            ]);
        }

        run.Report.Table(
            $"{Running} answers running while a prompt of {length} tokens arrives; ms",
            ["budget", "between tokens p95 before", "p95 meanwhile", "rise", "longest", "long prompt's first token"],
            rows);
    }

    private static async Task<List<long>> ReadUntilAsync(DecodingEngine engine, GenerationRequest request, CancellationToken enough)
    {
        var times = new List<long>();
        try
        {
            await foreach (var token in engine.Submit(request, enough))
            {
                times.Add(Stopwatch.GetTimestamp());
            }
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            return times;
        }

        return times;
    }

    private static IEnumerable<double> Gaps(List<long> times, long from, long to) => times
        .Zip(times.Skip(1))
        .Where(pair => pair.Second > from && pair.Second <= to)
        .Select(pair => Stopwatch.GetElapsedTime(pair.First, pair.Second).TotalMilliseconds);
}
