namespace Connector.Decoding.Speculation;

/// <summary>What speculation did so far, in tokens, steps and time.</summary>
/// <param name="Drafted">Drafted tokens by the source that was surest of them.</param>
/// <param name="Accepted">Accepted tokens, likewise.</param>
/// <param name="Promised">Accepted tokens as the estimates promised them.</param>
/// <param name="Committed">Committed tokens.</param>
/// <param name="Steps">Steps.</param>
/// <param name="DraftedSteps">Steps with drafts.</param>
/// <param name="Drafting">Time spent on drafting.</param>
/// <param name="Bookkeeping">Time spent on looking at logits, scoring and learning.</param>
/// <param name="SavedMilliseconds">Time saved against plain decoding, as the ledger sees it; negative: lost.</param>
internal sealed record SpeculationCounts(
    long[] Drafted, long[] Accepted, double Promised, long Committed, long Steps, long DraftedSteps, TimeSpan Drafting, TimeSpan Bookkeeping, double SavedMilliseconds);

/// <summary>Counts what speculation does. A drafted token counts for the source that was surest of it. Not thread-safe.</summary>
internal sealed class SpeculationStatistics
{
    private readonly long[] _drafted;
    private readonly long[] _accepted;
    private double _promised;
    private long _committed;
    private long _steps;
    private long _draftedSteps;
    private TimeSpan _drafting;
    private TimeSpan _bookkeeping;
    private double _saved;

    /// <summary>Makes empty statistics.</summary>
    public SpeculationStatistics(IReadOnlyList<string> sources)
    {
        Sources = sources;
        _drafted = new long[sources.Count];
        _accepted = new long[sources.Count];
    }

    /// <summary>The sources' names.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>Counts a sequence's share of a step.</summary>
    public void Add(TokenTree tree, DraftState state, ReadOnlySpan<int> path, int committed)
    {
        for (var node = 1; node < tree.Count; node++)
        {
            _drafted[state.NodeLeads[node]]++;
            _promised += tree.Probabilities[node];
        }

        foreach (var node in path)
        {
            _accepted[state.NodeLeads[node]]++;
        }

        _committed += committed;
    }

    /// <summary>Counts a step.</summary>
    public void AddStep(bool drafted, TimeSpan drafting, TimeSpan bookkeeping, double savedMilliseconds)
    {
        _steps++;
        _draftedSteps += drafted ? 1 : 0;
        _drafting += drafting;
        _bookkeeping += bookkeeping;
        _saved += savedMilliseconds;
    }

    /// <summary>The counts now.</summary>
    public SpeculationCounts Snapshot() =>
        new([.. _drafted], [.. _accepted], _promised, _committed, _steps, _draftedSteps, _drafting, _bookkeeping, _saved);

    /// <summary>What came since a snapshot.</summary>
    public SpeculationCounts Since(SpeculationCounts before) => new(
        [.. _drafted.Zip(before.Drafted, (a, b) => a - b)],
        [.. _accepted.Zip(before.Accepted, (a, b) => a - b)],
        _promised - before.Promised,
        _committed - before.Committed,
        _steps - before.Steps,
        _draftedSteps - before.DraftedSteps,
        _drafting - before.Drafting,
        _bookkeeping - before.Bookkeeping,
        _saved - before.SavedMilliseconds);
}
