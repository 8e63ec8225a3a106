using System.Collections.Immutable;

namespace Connector.Decoding.Speculation;

/// <summary>What a source did for a request.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="Drafted">Draft tokens that were evaluated and that it was surest of.</param>
/// <param name="Accepted">Those of them that the deciding model confirmed, forced ones included.</param>
public readonly record struct DraftSourceUsage(string Source, int Drafted, int Accepted);

/// <summary>
/// What speculation did for a request. Written by the engine's thread; a snapshot in between may mix two steps.
/// </summary>
internal sealed class DraftUsage(IReadOnlyList<string> sources)
{
    private readonly int[] _drafted = new int[sources.Count];
    private readonly int[] _accepted = new int[sources.Count];
    private double _savedMilliseconds;

    /// <summary>Time saved against plain decoding.</summary>
    public TimeSpan Saved => TimeSpan.FromMilliseconds(Volatile.Read(ref _savedMilliseconds));

    /// <summary>Counts a step's drafts, by the source that was surest of each node.</summary>
    public void Add(TokenTree tree, ReadOnlySpan<byte> leads, ReadOnlySpan<int> path)
    {
        for (var node = 1; node < tree.Count; node++)
        {
            _drafted[leads[node]]++;
        }

        foreach (var node in path)
        {
            _accepted[leads[node]]++;
        }
    }

    /// <summary>Counts time saved; negative where it was lost.</summary>
    public void Save(double milliseconds) => Volatile.Write(ref _savedMilliseconds, _savedMilliseconds + milliseconds);

    /// <summary>The counts now.</summary>
    public ImmutableArray<DraftSourceUsage> Snapshot() =>
        [.. sources.Select((name, i) => new DraftSourceUsage(name, _drafted[i], _accepted[i]))];
}
