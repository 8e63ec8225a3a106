using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Decoding.Speculation;

namespace Connector.Benchmarks.DraftReplay;

/// <summary>Replays all traces on each curve and reports.</summary>
internal static class ReplayBenchmark
{
    private const int MaxNodes = 64;
    private const int FinishedTokens = 1 << 18;
    private const int RequestTokens = 1 << 14;

    /// <summary>The traces beside the repository, or null.</summary>
    public static string? DefaultData()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", "traces", "smollm2-greedy-dev.jsonl.gz");
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>Replays and reports; plain decoding is 1. Cold: every run meets a planner that has learnt nothing.</summary>
    public static void Run(Report report, IReadOnlyList<Trace> traces, IReadOnlyList<CostCurve> curves, IReadOnlyList<string> only, bool isCold)
    {
        var vocabulary = traces.Max(t => Math.Max(t.Prompt.Max(), t.Top.Max(p => p.Max(c => c.Token)))) + 1;
        string[] categories = [.. traces.Select(t => t.Category).Distinct(StringComparer.Ordinal)];
        var (ratios, shares) = (new List<IReadOnlyList<object>>(), new List<IReadOnlyList<object>>());
        Warm(traces, vocabulary, only);
        foreach (var curve in curves)
        {
            List<ReplayResult> results = [];
            foreach (var run in isCold ? traces.Chunk(1) : [[.. traces]])
            {
                using var planner = new DraftPlanner(Sources(vocabulary, only), curve.Model(), new StoppedClock());
                var replay = new Replay(planner, curve, vocabulary, MaxNodes, curve.Name == "gpu" ? 16 : 8);
                results.AddRange(run.Select(replay.Run));
                if (!isCold)
                {
                    shares.Add(Shares(curve, planner, replay));
                }
            }

            ratios.Add([curve.Name, .. categories.Select(c => Ratio(results.Where(r => r.Category == c))), Ratio(results), Mat(results), results.Min(r => r.Plain / r.Cost)]);
        }

        report.Fact("traces", $"{traces.Count}, {traces.Sum(t => t.Output.Length)} tokens");
        report.Table("× plain decoding, drafting at no cost", ["curve", .. categories, "all", "MAT", "worst run"], ratios);
        if (isCold)
        {
            return;
        }

        report.Table(
            "Where accepted tokens come from, and what drafting takes",
            ["curve", "committed", "drafted", "accepted", .. Sources(1, only).Select(s => $"{s.Name} %"), "drafted steps %", "drafting µs/step", "bookkeeping µs/step", "bytes/step"],
            shares);
    }

    // The first steps compile code; they count for nothing.
    private static void Warm(IReadOnlyList<Trace> traces, int vocabulary, IReadOnlyList<string> only)
    {
        using var planner = new DraftPlanner(Sources(vocabulary, only), CostCurve.Known[^1].Model(), new StoppedClock());
        var replay = new Replay(planner, CostCurve.Known[^1], vocabulary, MaxNodes, 16);
        foreach (var trace in traces.Take(20))
        {
            replay.Run(trace);
        }
    }

    private static IDraftSource[] Sources(int vocabulary, IReadOnlyList<string> only)
    {
        IDraftSource[] all =
        [
            new SuffixDraft(SuffixScope.Request, RequestTokens),
            new SuffixDraft(SuffixScope.Finished, FinishedTokens),
            new TokenRecycling(vocabulary),
        ];
        return [.. all.Where(s => only.Count == 0 || only.Contains(s.Name, StringComparer.Ordinal))];
    }

    private static IReadOnlyList<object> Shares(CostCurve curve, DraftPlanner planner, Replay replay)
    {
        var statistics = planner.Statistics.Snapshot();
        var accepted = statistics.Accepted;
        return
        [
            curve.Name,
            statistics.Committed,
            statistics.Drafted.Sum(),
            accepted.Sum(),
            .. accepted.Select(a => (object)(100.0 * a / Math.Max(1, accepted.Sum()))),
            100.0 * statistics.DraftedSteps / statistics.Steps,
            replay.Drafting.TotalMicroseconds / statistics.Steps,
            replay.Bookkeeping.TotalMicroseconds / statistics.Steps,
            (double)replay.Allocated / statistics.Steps,
        ];
    }

    private static object Ratio(IEnumerable<ReplayResult> results)
    {
        var list = results.ToList();
        return list.Sum(r => r.Plain) / list.Sum(r => r.Cost);
    }

    private static object Mat(IReadOnlyList<ReplayResult> results) => (double)results.Sum(r => r.Tokens) / results.Sum(r => r.Steps);

    /// <summary>Drafting costs nothing here, so that figures do not depend on the machine.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
