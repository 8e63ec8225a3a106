namespace Connector.Decoding.Speculation;

/// <summary>What speculation did, in tokens, steps and time. A drafted token counts for the source that was surest of it.</summary>
internal sealed class SpeculationStatistics
{
    private readonly string[] _names;
    private readonly long[] _drafted;
    private readonly long[] _accepted;

    /// <summary>Makes empty statistics.</summary>
    public SpeculationStatistics(string[] sources)
    {
        _names = sources;
        _drafted = new long[sources.Length];
        _accepted = new long[sources.Length];
    }

    /// <summary>The sources' names.</summary>
    public IReadOnlyList<string> Sources => _names;

    /// <summary>Drafted tokens per source.</summary>
    public ReadOnlySpan<long> Drafted => _drafted;

    /// <summary>Accepted tokens per source.</summary>
    public ReadOnlySpan<long> Accepted => _accepted;

    /// <summary>Committed tokens.</summary>
    public long Committed { get; private set; }

    /// <summary>Steps.</summary>
    public long Steps { get; private set; }

    /// <summary>Steps that had drafts.</summary>
    public long DraftedSteps { get; private set; }

    /// <summary>Time spent on drafting, learning and scoring.</summary>
    public TimeSpan OwnTime { get; private set; }

    /// <summary>Counts a sequence's share of a step.</summary>
    public void Add(TokenTree tree, DraftState state, ReadOnlySpan<int> path, int committed)
    {
        for (var node = 1; node < tree.Count; node++)
        {
            _drafted[state.NodeLeads[node]]++;
        }

        foreach (var node in path)
        {
            _accepted[state.NodeLeads[node]]++;
        }

        Committed += committed;
    }

    /// <summary>Counts a step.</summary>
    public void AddStep(bool drafted, TimeSpan own)
    {
        Steps++;
        DraftedSteps += drafted ? 1 : 0;
        OwnTime += own;
    }
}
