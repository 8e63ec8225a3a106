using System.CommandLine;
using System.Globalization;
using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Decoding;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Connector.LlamaCpp;

namespace Connector.Benchmarks.EndToEnd.Speculative;

/// <summary>
/// What drafts are worth: the same requests plainly and with drafts, interleaved in one process, per category of the
/// prompts and for text of three kinds of its own, and one that nobody can guess.
/// </summary>
internal sealed class SpeculationBenchmark : IBenchmark
{
    private const int Seed = 1;
    private const int WarmUpRounds = 4;
    private readonly Option<FileInfo?> _draft = new("--draft") { Description = "A smaller model with the same vocabulary that drafts too." };
    private readonly Option<float> _temperature = new("--temperature") { Description = "Default 0: greedy." };
    private readonly Option<int> _tokens = new("--tokens") { Description = "Tokens per answer. Default 160.", DefaultValueFactory = _ => 160 };
    private readonly Option<int> _repeats = new("--repeats") { Description = "Runs of every prompt. Default 3, or 1 with --quick." };
    private readonly Option<bool> _exact = new("--exact") { Description = "Exact mode: batch shapes change no logits, so texts must be equal." };
    private readonly Option<string[]> _categories = new("--category") { Description = "Only these categories. May be repeated." };

    public string Name => "speculation";

    public string Description => "Drafting against plain decoding: ratio, mean accepted tokens, shares of the sources, and where the time goes.";

    public IReadOnlyList<Option> Options => [_draft, _temperature, _tokens, _repeats, _exact, ContextChoice.Threads, ContextChoice.FlashAttention, _categories];

    public async Task RunAsync(BenchmarkRun run, CancellationToken cancellationToken)
    {
        var options = run.Options;
        using var model = await LlamaModel.LoadAsync(run.Model.FullName, cancellationToken: cancellationToken);
        using var draft = options.GetValue(_draft) is { } file ? await LlamaModel.LoadAsync(file.FullName, cancellationToken: cancellationToken) : null;
        var speculation = draft is null ? Speculation.Auto : Speculation.Draft(draft, DraftContext(draft, run));
        var (tokens, exact) = (options.GetValue(_tokens), options.GetValue(_exact));
        var engine = new EngineOptions
        {
            MaxSequences = 1,
            MaxCachedSequences = 0,
            ContextCapacity = Math.Min(4096, model.TrainedContextLength),
            ExactMode = exact,
        }.Configured(run);
        run.Report.Fact("draft model", draft?.Name ?? "none");
        run.Report.Fact("temperature", options.GetValue(_temperature).ToString(CultureInfo.InvariantCulture));
        run.Report.Fact("threads", options.GetValue(ContextChoice.Threads)?.ToString(CultureInfo.InvariantCulture) ?? "the library's choice");
        run.Report.Fact("exact mode", exact ? "on" : "off");

        var sampling = new SamplingOptions { Temperature = options.GetValue(_temperature), Seed = Seed };
        var tasks = BenchmarkTasks.All(model, run.Prompts, run.Quick, sampling, tokens);
        if (options.GetValue(_categories) is { Length: > 0 } only)
        {
            tasks = [.. tasks.Where(t => only.Contains(t.Category, StringComparer.Ordinal))];
        }

        var repeats = options.GetValue(_repeats) is > 0 and var given ? given : run.Quick ? 1 : 3;
        var measurements = new List<Measurement>();
        var warmUp = BenchmarkTasks.WarmUp(model);
        await CompileAsync(model, speculation, engine, warmUp, cancellationToken);
        for (var repeat = 0; ; repeat++)
        {
            // A planner learns from answers, so that a second run of a prompt would copy the first: every repeat has new engines.
            await using var pair = new DecodingPair(model, speculation, engine);
            measurements.AddRange(await MeasureAsync(pair, tasks, warmUp[0], repeat, cancellationToken));
            if (repeat == repeats - 1)
            {
                SpeculationReport.Write(run.Report, measurements, pair.Planner!);
                return;
            }
        }
    }

    // Code is compiled when it first runs, and again in the background when it has run often; engines that are thrown away learn nothing from it.
    private static async Task CompileAsync(
        LlamaModel model, Speculation speculation, EngineOptions engine, IReadOnlyList<GenerationRequest> warmUp, CancellationToken cancellationToken)
    {
        await using var pair = new DecodingPair(model, speculation, engine);
        for (var round = 0; round < WarmUpRounds; round++)
        {
            foreach (var request in warmUp)
            {
                await pair.PlainAsync(request, cancellationToken);
                await pair.DraftingAsync(request, cancellationToken);
            }
        }
    }

    private static LlamaContextOptions DraftContext(LlamaModel draft, BenchmarkRun run) =>
        ContextChoice.Configured(new ContextOptions { Capacity = Math.Min(4096, draft.TrainedContextLength) }, run);

    private static async Task<List<Measurement>> MeasureAsync(
        DecodingPair pair, IReadOnlyList<BenchmarkTask> tasks, GenerationRequest warmUp, int repeat, CancellationToken cancellationToken)
    {
        // An engine's first calls touch memory; they count for nothing.
        await pair.PlainAsync(warmUp, cancellationToken);
        await pair.DraftingAsync(warmUp, cancellationToken);
        var measurements = new List<Measurement>();
        foreach (var (task, index) in tasks.Select((t, i) => (t, i)))
        {
            // Whoever goes second finds warmer caches: they take turns.
            var plainFirst = (repeat + index) % 2 == 0;
            var plain = plainFirst ? await pair.PlainAsync(task.Request, cancellationToken) : null;
            var before = pair.Planner!.Statistics.Snapshot();
            var drafting = await pair.DraftingAsync(task.Request, cancellationToken);
            var statistics = pair.Planner.Statistics.Since(before);
            plain ??= await pair.PlainAsync(task.Request, cancellationToken);
            measurements.Add(new Measurement(task.Category, repeat, plain, drafting, statistics));
        }

        return measurements;
    }
}
