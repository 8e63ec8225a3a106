using System.Collections.Concurrent;
using System.Diagnostics;
using Connector.Decoding;
using Connector.Decoding.Constraints;

namespace Connector.Benchmarks.MaskBench;

/// <summary>The whole run.</summary>
internal static class Bench
{
    private const int WarmUp = 30;
    private const int KeptConstraints = 200;

    public static async Task<BenchReport> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var items = BenchItem.Load(options);
        var (vocabulary, model) = options.Vocabulary is { } path ? await Vocabularies.LoadAsync(path, cancellation) : (Vocabularies.Bytes(), null);
        using (model)
        {
            var run = new SchemaRun(vocabulary, options);

            // The runtime compiles the engine's own code on first use; that is no property of a schema.
            foreach (var item in items.Where((_, i) => i % Math.Max(items.Count / WarmUp, 1) == 0))
            {
                run.Run(item, out _);
            }

            var results = new SchemaResult[items.Count];
            var clock = Stopwatch.StartNew();
            Parallel.For(0, items.Count, new ParallelOptions { MaxDegreeOfParallelism = options.Parallel, CancellationToken = cancellation }, i =>
                results[i] = run.Run(items[i], out _));
            var elapsed = clock.Elapsed;
            return new BenchReport(options, vocabulary.Count, results, elapsed, options.Quick ? null : BytesPerConstraint(items, run));
        }
    }

    // What constraints hold once their instances have been walked, averaged over some of them.
    private static long BytesPerConstraint(List<BenchItem> items, SchemaRun run)
    {
        var kept = new List<CompiledConstraint>();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var step = Math.Max(items.Count / KeptConstraints, 1);
        for (var i = 0; i < items.Count; i += step)
        {
            run.Run(items[i], out var constraint);
            if (constraint is not null)
            {
                kept.Add(constraint);
            }
        }

        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        var count = kept.Count;
        GC.KeepAlive(kept);
        return held / Math.Max(count, 1);
    }
}
