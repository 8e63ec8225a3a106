using Connector.Benchmarks.EndToEnd.Reporting;

namespace Connector.Benchmarks.ToolCalling.Demo;

/// <summary>One conversation answered one way.</summary>
internal sealed record DemoResult(string Category, DemoWay Way, DemoAnswer Answer, double TokensPerSecond);

/// <summary>The tables of the demo mode.</summary>
internal static class DemoReport
{
    public static void Write(Report report, IReadOnlyList<DemoResult> results)
    {
        report.Table(
            "Answers of the demo model on held-out conversations, greedy, in per cent",
            ["category", "way", "conversations", "calls that parse", "valid calls", "right tools", "exactly right"],
            results.Select(r => r.Category).Distinct(StringComparer.Ordinal).Append("all").SelectMany(category =>
                DemoWay.All.Select(way => Shares(category, way, [.. results.Where(r => r.Way == way && (category == "all" || r.Category == category))]))));
        report.Table(
            "Tokens per second of an answer, prompt cached, the answer new; and against free text without drafts, conversation by conversation (95 % interval)",
            ["way", "tokens/s", "times free without drafts"],
            DemoWay.All.Select(way => (IReadOnlyList<object>)
            [
                way.Name,
                Estimate.Of([.. Speeds(results, way)]),
                Estimate.Of([.. Speeds(results, way).Zip(Speeds(results, DemoWay.Free), (speed, free) => speed / free)]),
            ]));
    }

    private static IReadOnlyList<object> Shares(string category, DemoWay way, IReadOnlyList<DemoResult> results) =>
    [
        category,
        way.Name,
        results.Count,
        Share(results, answer => answer.Calls),
        Share(results, answer => answer.Valid),
        Share(results, answer => answer.RightNames),
        Share(results, answer => answer.Exact),
    ];

    private static string Share(IReadOnlyList<DemoResult> results, Predicate<DemoAnswer> counts) =>
        FormattableString.Invariant($"{100.0 * results.Count(r => counts(r.Answer)) / results.Count:0.0}");

    private static IEnumerable<double> Speeds(IEnumerable<DemoResult> results, DemoWay way) =>
        results.Where(r => r.Way == way).Select(r => r.TokensPerSecond);
}
