namespace Connector.Decoding.Speculation;

/// <summary>Which texts a <see cref="SuffixDraft"/> looks through.</summary>
internal enum SuffixScope
{
    /// <summary>The request's own prompt and output.</summary>
    Request,

    /// <summary>The outputs of all requests that ended.</summary>
    Finished,
}

/// <summary>
/// Suffix drafting (Oliaro et al., SuffixDecoding, 2024): what followed earlier places that end like this one, for
/// every match length at once. Prompt lookup and input-guided copying are its special cases.
/// </summary>
internal sealed class SuffixDraft : IDraftSource
{
    // An answer copies from its own text more than from others.
    private const float NewnessOfOthers = 4;
    private const int PerOrder = 8;
    private const int PerPlace = 24;
    private readonly SuffixScope _scope;
    private readonly int _capacity;
    private readonly OccurrenceVotes _votes;
    private readonly Occurrence[] _occurrences = new Occurrence[DraftPlace.MaxPlaces * PerPlace];
    private readonly int[] _counts = new int[DraftPlace.MaxPlaces];
    private readonly int[] _steps = new int[DraftPlace.MaxPlaces];
    private readonly List<OccurrenceIndex> _texts = [];
    private readonly OccurrenceIndex? _finished;

    /// <summary>Makes a source without texts.</summary>
    /// <param name="scope">Which texts it looks through.</param>
    /// <param name="capacity">Tokens it keeps at most: per sequence, or of all finished outputs, oldest out first.</param>
    public SuffixDraft(SuffixScope scope, int capacity)
    {
        _scope = scope;
        _capacity = capacity;
        _votes = new OccurrenceVotes(scope == SuffixScope.Request ? 1 : NewnessOfOthers);
        _finished = scope == SuffixScope.Finished ? new OccurrenceIndex(1024, capacity) : null;
    }

    /// <inheritdoc/>
    public string Name => _scope == SuffixScope.Request ? "suffix" : "finished";

    /// <inheritdoc/>
    public int Classes => OccurrenceVotes.Classes;

    /// <inheritdoc/>
    public void Begin(int slot, ReadOnlySpan<int> prompt)
    {
        while (_texts.Count <= slot)
        {
            _texts.Add(new OccurrenceIndex(1024, _capacity));
        }

        _texts[slot].Clear();
        if (_scope == SuffixScope.Request)
        {
            _texts[slot].Append(prompt);
        }
    }

    /// <inheritdoc/>
    public void Commit(int slot, ReadOnlySpan<int> tokens) => _texts[slot].Append(tokens);

    /// <inheritdoc/>
    public void End(int slot)
    {
        if (_finished is null)
        {
            return;
        }

        var text = _texts[slot];
        for (var i = Math.Max(0, text.Count - _capacity); i < text.Count; i++)
        {
            _finished.Append(text[i]);
        }

        _finished.Append(OccurrenceIndex.Separator);
    }

    /// <inheritdoc/>
    public void Learn(int token, ReadOnlySpan<int> next, ReadOnlySpan<float> probabilities)
    {
        // Only what was committed counts here.
    }

    /// <inheritdoc/>
    public int Propose(in DraftPlace place, Span<DraftCandidate> candidates)
    {
        var history = _finished ?? _texts[place.Slot];
        var here = _occurrences.AsSpan(place.Id * PerPlace, PerPlace);
        var count = place.Parent < 0 || _steps[place.Parent] != place.Step ? 0 : Follow(history, place, here);
        count = count > 0 ? count : history.Find(place.Context, PerOrder, here);
        _counts[place.Id] = count;
        _steps[place.Id] = place.Step;
        return count == 0 ? 0 : _votes.Count(history, here[..count], candidates);
    }

    // A place that ends like the drafted path is one that ended like its parent and went on with the drafted token.
    private int Follow(OccurrenceIndex history, in DraftPlace place, Span<Occurrence> here)
    {
        var token = place.Context[^1];
        var count = 0;
        foreach (ref readonly var occurrence in _occurrences.AsSpan(place.Parent * PerPlace, _counts[place.Parent]))
        {
            if (history[occurrence.Next] == token && occurrence.Next + 1 < history.Count && history[occurrence.Next + 1] >= 0)
            {
                here[count++] = new Occurrence(occurrence.Next + 1, Math.Min(occurrence.Length + 1, OccurrenceIndex.MaxMatch));
            }
        }

        return count;
    }
}
