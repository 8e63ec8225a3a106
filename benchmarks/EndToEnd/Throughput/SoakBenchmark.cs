using System.CommandLine;
using System.Diagnostics;
using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Decoding.Engine;
using Connector.LlamaCpp;

namespace Connector.Benchmarks.EndToEnd.Throughput;

/// <summary>Random traffic with random cancellations for minutes: memory stays flat and no slot is lost.</summary>
internal sealed class SoakBenchmark : IBenchmark
{
    private static readonly Option<double> s_minutes = new("--minutes") { Description = "How long. Default: 10, or 1 with --quick.", DefaultValueFactory = _ => 0 };
    private static readonly Option<int> s_users = new("--users") { Description = "Users at once.", DefaultValueFactory = _ => 12 };
    private static readonly Option<int> s_seed = new("--seed") { Description = "Of the traffic.", DefaultValueFactory = _ => 1 };

    public string Name => "soak";

    public string Description => "Minutes of random requests with random cancellations: managed and native memory, and whether every slot comes back.";

    public IReadOnlyList<Option> Options => [s_minutes, s_users, s_seed, ContextChoice.Threads, ContextChoice.FlashAttention];

    public async Task RunAsync(BenchmarkRun run, CancellationToken cancellationToken)
    {
        using var model = await LlamaModel.LoadAsync(run.Model.FullName, cancellationToken: cancellationToken);
        var time = TimeSpan.FromMinutes(run.Options.GetValue(s_minutes) is > 0 and var chosen ? chosen : run.Quick ? 1 : 10);
        var users = run.Options.GetValue(s_users);
        run.Report.Fact("run", $"{users} users for {time.TotalMinutes:0.#} minutes, seed {run.Options.GetValue(s_seed)}");
        await using var engine = new DecodingEngine(model, new EngineOptions { ContextCapacity = 2048, MaxContextPerRequest = 512, MaxSequences = 6, MaxCachedSequences = 6 }.Configured(run));

        var counts = new Counts();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(time);
        var traffic = Enumerable.Range(0, users).Select(user => Task.Run(() => UseAsync(engine, model, run, user, counts, end.Token), CancellationToken.None)).ToArray();
        var samples = await WatchAsync(time, counts, end.Token);
        await Task.WhenAll(traffic);

        // After the last cancellation one request alone must get through, and nothing may be left running.
        await Traffic.SendAsync(engine, Traffic.Request(model.Vocabulary, Traffic.Prompt(model.Vocabulary, run.Prompts, 8, 0), 4, 0), cancellationToken);
        run.Report.Table("Memory, MiB", ["minute", "managed", "working set", "answers", "cancelled", "failed"], samples);
        var warm = samples[samples.Count / 3];
        run.Report.Table(
            "After the warm-up third",
            ["managed growth, MiB", "working set growth, MiB", "slots taken at the end", "waiting at the end"],
            [[(double)samples[^1][1] - (double)warm[1], (double)samples[^1][2] - (double)warm[2], engine.ActiveCount, engine.QueueLength]]);
    }

    private static async Task UseAsync(DecodingEngine engine, LlamaModel model, BenchmarkRun run, int user, Counts counts, CancellationToken end)
    {
        var random = new Random(run.Options.GetValue(s_seed) + (user * 1000));
        while (!end.IsCancellationRequested)
        {
            var prompt = Traffic.Prompt(model.Vocabulary, run.Prompts, random.Next(4, 300), random.Next(20));
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(end);
            if (random.Next(3) == 0)
            {
                patience.CancelAfter(random.Next(1, 500));
            }

            try
            {
                await Traffic.SendAsync(engine, Traffic.Request(model.Vocabulary, prompt, random.Next(1, 100), random.Next()), patience.Token);
                Interlocked.Increment(ref counts.Answers);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested)
            {
                Interlocked.Increment(ref counts.Cancelled);
            }
            catch (EngineBusyException)
            {
                Interlocked.Increment(ref counts.Failed);
            }
        }
    }

    private static async Task<List<IReadOnlyList<object>>> WatchAsync(TimeSpan time, Counts counts, CancellationToken end)
    {
        const double MiB = 1 << 20;
        var start = Stopwatch.GetTimestamp();
        var samples = new List<IReadOnlyList<object>>();
        using var process = Process.GetCurrentProcess();
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(time / 12, CancellationToken.None);
            process.Refresh();
            var managed = GC.GetTotalMemory(forceFullCollection: true) / MiB;
            samples.Add([Stopwatch.GetElapsedTime(start).TotalMinutes, managed, process.WorkingSet64 / MiB, counts.Answers, counts.Cancelled, counts.Failed]);
        }

        return samples;
    }

    private sealed class Counts
    {
        public int Answers;
        public int Cancelled;
        public int Failed;
    }
}
