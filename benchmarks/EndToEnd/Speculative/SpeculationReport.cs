using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Decoding.Speculation;

namespace Connector.Benchmarks.EndToEnd.Speculative;

/// <summary>One prompt, plainly and with drafts.</summary>
internal sealed record Measurement(string Category, int Repeat, Answer Plain, Answer Drafting, SpeculationCounts Counts);

/// <summary>The tables of the speculation benchmark.</summary>
internal static class SpeculationReport
{
    private static readonly int[] s_pasts = [100, 500, 2000];

    /// <summary>Writes all tables.</summary>
    public static void Write(Report report, IReadOnlyList<Measurement> measurements, DraftPlanner planner)
    {
        string[] categories = [.. measurements.Select(m => m.Category).Distinct(StringComparer.Ordinal), "all"];
        report.Table(
            "Tokens per second with drafts, × plain decoding",
            ["category", "prompts", "ratio", "worst prompt", "MAT", "plain tokens/s", "drafted per step", "accepted %", "promised %", "same text %"],
            categories.Select(c => Row(c, [.. measurements.Where(m => c == "all" || m.Category == c)])));
        report.Table(
            "By the source that was surest of a draft: its share of the accepted tokens, and how many of its drafts were accepted, %",
            ["category", .. planner.Statistics.Sources.SelectMany(s => new[] { s, $"{s} accepted" })],
            categories.Select(c => Shares(c, [.. measurements.Where(m => c == "all" || m.Category == c)])));
        report.Table(
            "Where the time of a step goes",
            ["category", "ms per plain step", "ms per step with drafts", "drafting µs", "bookkeeping µs", "steps with drafts %", "saved µs", "saved µs by the ledger", "bytes per plain step", "bytes per step with drafts"],
            categories.Select(c => Times(c, [.. measurements.Where(m => c == "all" || m.Category == c)])));
        var cost = planner.Cost;
        report.Table(
            "A call of the model as measured, in units of one token",
            ["tokens in the cache", .. StepCostModel.Buckets.ToArray().Select(b => b.ToString(System.Globalization.CultureInfo.InvariantCulture))],
            s_pasts.Select(past => (IReadOnlyList<object>)[past, .. StepCostModel.Buckets.ToArray().Select(b => (object)(cost.Milliseconds(b, past) / cost.Milliseconds(1, past)))]));
    }

    private static IReadOnlyList<object> Row(string category, IReadOnlyList<Measurement> all)
    {
        var prompts = all.Count(m => m.Repeat == 0);
        var ratios = all.GroupBy(m => m.Repeat).Select(r => Speed(r, m => m.Drafting) / Speed(r, m => m.Plain)).ToList();
        var worst = all.Select((m, i) => (Ratio: Speed([m], x => x.Drafting) / Speed([m], x => x.Plain), Prompt: i % prompts))
            .Where(r => double.IsFinite(r.Ratio)).GroupBy(r => r.Prompt).Select(g => Estimate.Of([.. g.Select(r => r.Ratio)]).Median).DefaultIfEmpty(double.NaN).Min();
        return
        [
            category,
            prompts,
            Estimate.Of(ratios),
            worst,
            (double)all.Sum(m => m.Counts.Committed) / all.Sum(m => m.Counts.Steps),
            Speed(all, m => m.Plain),
            (double)all.Sum(m => m.Drafting.Usage.Drafted) / all.Sum(m => m.Counts.Steps),
            100.0 * all.Sum(m => m.Drafting.Usage.Accepted) / Math.Max(1, all.Sum(m => m.Drafting.Usage.Drafted)),
            100.0 * all.Sum(m => m.Counts.Promised) / Math.Max(1, all.Sum(m => m.Drafting.Usage.Drafted)),
            100.0 * all.Count(m => m.Plain.Tokens.AsSpan().SequenceEqual(m.Drafting.Tokens)) / all.Count,
        ];
    }

    private static IReadOnlyList<object> Shares(string category, IReadOnlyList<Measurement> all)
    {
        var counts = Enumerable.Range(0, all[0].Counts.Accepted.Length)
            .Select(s => (Accepted: all.Sum(m => m.Counts.Accepted[s]), Drafted: all.Sum(m => m.Counts.Drafted[s]))).ToArray();
        var accepted = Math.Max(1, counts.Sum(c => c.Accepted));
        return [category, .. counts.SelectMany(c => new object[] { 100.0 * c.Accepted / accepted, 100.0 * c.Accepted / Math.Max(1, c.Drafted) })];
    }

    private static IReadOnlyList<object> Times(string category, IReadOnlyList<Measurement> all)
    {
        double steps = all.Sum(m => m.Counts.Steps);
        double plainSteps = all.Sum(m => Math.Max(1, m.Plain.Tokens.Length - 1));
        return
        [
            category,
            1000 * all.Sum(m => m.Plain.Seconds) / plainSteps,
            1000 * all.Sum(m => m.Drafting.Seconds) / steps,
            all.Sum(m => m.Counts.Drafting.TotalMicroseconds) / steps,
            all.Sum(m => m.Counts.Bookkeeping.TotalMicroseconds) / steps,
            100 * all.Sum(m => m.Counts.DraftedSteps) / steps,
            1e6 * (all.Sum(m => m.Plain.Seconds) - all.Sum(m => m.Drafting.Seconds)) / steps,
            1e3 * all.Sum(m => m.Counts.SavedMilliseconds) / steps,
            all.Sum(m => m.Plain.Bytes) / plainSteps,
            all.Sum(m => m.Drafting.Bytes) / steps,
        ];
    }

    private static double Speed(IEnumerable<Measurement> measurements, Func<Measurement, Answer> answer)
    {
        var list = measurements.Select(answer).ToList();
        return list.Sum(a => Math.Max(0, a.Tokens.Length - 1)) / list.Sum(a => a.Seconds);
    }
}
