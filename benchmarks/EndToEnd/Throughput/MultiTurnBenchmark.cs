using System.CommandLine;
using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Decoding.Engine;
using Connector.LlamaCpp;

namespace Connector.Benchmarks.EndToEnd.Throughput;

/// <summary>A conversation of ten turns: what the prefix cache saves of the time to first token.</summary>
internal sealed class MultiTurnBenchmark : IBenchmark
{
    private static readonly Option<int> s_turns = new("--turns") { Description = "Turns of the conversation.", DefaultValueFactory = _ => 10 };
    private static readonly Option<int> s_userTokens = new("--user-tokens") { Description = "Tokens that the user says in a turn.", DefaultValueFactory = _ => 48 };
    private static readonly Option<int> s_tokens = new("--tokens") { Description = "Tokens of each answer.", DefaultValueFactory = _ => 48 };
    private static readonly Option<int> s_rounds = new("--rounds") { Description = "Conversations each way. Default: 5, or 1 with --quick.", DefaultValueFactory = _ => 0 };

    public string Name => "multi-turn";

    public string Description => "Time to first token of every turn of a conversation, with and without the prefix cache.";

    public IReadOnlyList<Option> Options => [s_turns, s_userTokens, s_tokens, s_rounds, ContextChoice.Threads, ContextChoice.FlashAttention];

    public async Task RunAsync(BenchmarkRun run, CancellationToken cancellationToken)
    {
        using var model = await LlamaModel.LoadAsync(run.Model.FullName, cancellationToken: cancellationToken);
        var turns = run.Options.GetValue(s_turns);
        var rounds = run.Options.GetValue(s_rounds) is > 0 and var chosen ? chosen : run.Quick ? 1 : 5;
        var (cached, fresh) = (NewTimes(turns), NewTimes(turns));
        var found = new int[turns];
        for (var round = 0; round < rounds; round++)
        {
            await ConverseAsync(run, model, round, cached, found, useCache: true, cancellationToken);
            await ConverseAsync(run, model, round, fresh, new int[turns], useCache: false, cancellationToken);
        }

        run.Report.Fact("run", $"{turns} turns of {run.Options.GetValue(s_userTokens)} tokens and answers of {run.Options.GetValue(s_tokens)}, {rounds} conversations each way, taking turns");
        run.Report.Table(
            "Time to first token, ms",
            ["turn", "prompt tokens", "cached", "with cache", "without", "share"],
            Enumerable.Range(0, turns).Select(turn => (IReadOnlyList<object>)
            [
                turn + 1,
                ((turn + 1) * run.Options.GetValue(s_userTokens)) + (turn * run.Options.GetValue(s_tokens)),
                found[turn],
                Estimate.Of(cached[turn]),
                Estimate.Of(fresh[turn]),
                Estimate.Of(cached[turn]).Median / Estimate.Of(fresh[turn]).Median,
            ]));
    }

    private static List<double>[] NewTimes(int turns) => [.. Enumerable.Range(0, turns).Select(_ => new List<double>())];

    private static async Task ConverseAsync(
        BenchmarkRun run, LlamaModel model, int round, List<double>[] times, int[] cached, bool useCache, CancellationToken cancellationToken)
    {
        var (user, answer) = (run.Options.GetValue(s_userTokens), run.Options.GetValue(s_tokens));
        await using var engine = new DecodingEngine(model, new EngineOptions
        {
            ContextCapacity = (times.Length * (user + answer)) + 64, MaxSequences = 1, MaxCachedSequences = useCache ? 4 : 0,
        }.Configured(run));
        List<int> conversation = [];
        for (var turn = 0; turn < times.Length; turn++)
        {
            conversation.AddRange(Traffic.Prompt(model.Vocabulary, run.Prompts, user, (round * 100) + turn));
            var generation = engine.Submit(Traffic.Request(model.Vocabulary, conversation.ToArray(), answer, turn), cancellationToken);
            await foreach (var token in generation)
            {
                conversation.Add(token.Token);
            }

            times[turn].Add(generation.Usage.TimeToFirstToken.TotalMilliseconds);
            cached[turn] = generation.Usage.Cached;
        }
    }
}
