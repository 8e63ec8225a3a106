using System.Numerics.Tensors;

namespace Connector.Decoding.Engine;

/// <summary>
/// The sequences of a context: who has which id, what is in them, and which finished ones are kept for their prefixes (the prefix cache, evicted
/// least recently used). Every change of the KV cache but evaluation goes through here. Not thread-safe.
/// </summary>
internal sealed class KvMemory
{
    private readonly IModelContext _context;
    private readonly int _maxCached;
    private readonly CellLedger _ledger;
    private readonly Stack<int> _freeIds;
    private readonly List<KvSequence> _cached = [];
    private int _lanesLeft;

    public KvMemory(IModelContext context, int maxCached, int lanes)
    {
        _context = context;
        _maxCached = maxCached;
        _lanesLeft = lanes;
        _ledger = new CellLedger(context.Capacity);
        _freeIds = new Stack<int>(Enumerable.Range(0, context.MaxSequences).Reverse());
    }

    /// <summary>Cells that are free now.</summary>
    public int Free => _ledger.Free;

    /// <summary>Cells that would be free with an empty prefix cache.</summary>
    public int FreeAfterEvictions => _ledger.FreeAfterEvictions;

    /// <summary>Lanes that no sequence has.</summary>
    public int LanesLeft => _lanesLeft;

    public IReadOnlyList<KvSequence> Cached => _cached;

    private bool CopiesParts => _context.Memory.HasFlag(MemoryCapabilities.PartialCopy);

    public KvSequence Create() => new(TakeId());

    /// <summary>A new sequence with the first <paramref name="length"/> tokens of another.</summary>
    public KvSequence Fork(KvSequence source, int length)
    {
        // Its id may come from an eviction, which must not be that of the source.
        source.Pins++;
        KvSequence fork;
        try
        {
            fork = Create();
        }
        finally
        {
            source.Pins--;
        }

        _context.CopySequence(source.Id, fork.Id, 0, length == source.Length ? -1 : length);
        for (var i = 0; i < length; i++)
        {
            fork.Append(source.Tokens[i], source.Cells[i]);
            _ledger.Share(source.Cells[i], held: true);
        }

        return fork;
    }

    /// <summary>Whether a prefix of this length can be had from a sequence without evaluating it again.</summary>
    public bool CanShare(KvSequence source, int length) => source.IsShareable && (CopiesParts || length == source.Length);

    /// <summary>The longest start of <paramref name="tokens"/> that a cached sequence has, and that sequence.</summary>
    public (KvSequence? Source, int Length) LongestCachedPrefix(ReadOnlySpan<int> tokens)
    {
        (KvSequence? Source, int Length) best = (null, 0);
        foreach (var sequence in _cached)
        {
            best = Longer(best, sequence, tokens);
        }

        return best;
    }

    /// <summary>How much of <paramref name="tokens"/> can be shared with a pinned sequence that does not run.</summary>
    public int LongestPinnedPrefix(ReadOnlySpan<int> tokens)
    {
        (KvSequence? Source, int Length) best = (null, 0);
        foreach (var sequence in _cached)
        {
            best = sequence.Pins > 0 ? Longer(best, sequence, tokens) : best;
        }

        return best.Length;
    }

    /// <summary>The better of a match and what <paramref name="candidate"/> offers.</summary>
    public (KvSequence? Source, int Length) Longer((KvSequence? Source, int Length) best, KvSequence candidate, ReadOnlySpan<int> tokens)
    {
        var length = tokens.CommonPrefixLength(candidate.Tokens);
        return length > best.Length && CanShare(candidate, length) ? (candidate, length) : best;
    }

    /// <summary>Takes a cached sequence whole out of the cache, to be continued.</summary>
    public void Reopen(KvSequence cached)
    {
        _cached.Remove(cached);
        SetHeld(cached, held: true);
    }

    /// <summary>A sequence that is not needed now: kept for its prefix where it may be of use, else removed.</summary>
    public void Keep(KvSequence sequence, long step)
    {
        ReleaseLanes(sequence, 1);
        if (!sequence.IsPure || sequence.Length == 0 || (_maxCached == 0 && sequence.Pins == 0))
        {
            Remove(sequence);
            return;
        }

        // What the new one covers is of no more use.
        for (var i = _cached.Count - 1; i >= 0; i--)
        {
            if (_cached[i].Pins == 0 && CopiesParts && sequence.Tokens.StartsWith(_cached[i].Tokens))
            {
                Evict(i);
            }
        }

        sequence.IsPrivate = false;
        sequence.LastUsed = step;
        _cached.Add(sequence);
        SetHeld(sequence, sequence.Pins > 0);
        EvictBeyondLimit();
    }

    /// <summary>Puts a saved sequence into the cache.</summary>
    public void Load(ReadOnlySpan<int> tokens, Stream state, long step)
    {
        if (!MakeRoom(tokens.Length))
        {
            throw new OutOfContextException($"The saved sequence needs {tokens.Length} cells, but only {_ledger.Free} are free.");
        }

        var sequence = Create();
        try
        {
            _context.LoadSequence(sequence.Id, state);
        }
        catch
        {
            Remove(sequence);
            throw;
        }

        foreach (var token in tokens)
        {
            Append(sequence, token);
        }

        Keep(sequence, step);
    }

    /// <summary>Takes a pin of a cached sequence away.</summary>
    public void Unpin(KvSequence cached)
    {
        cached.Pins--;
        SetHeld(cached, cached.Pins > 0);
        EvictBeyondLimit();
    }

    public void Remove(KvSequence sequence)
    {
        ReleaseLanes(sequence, 1);
        Clear(sequence);
        _freeIds.Push(sequence.Id);
    }

    /// <summary>Empties a sequence.</summary>
    public void Clear(KvSequence sequence)
    {
        ReleaseLanes(sequence, 1);
        _context.Truncate(sequence.Id, 0);
        Forget(sequence, 0, sequence.Length);
        sequence.IsPure = true;
    }

    /// <summary>Cuts a sequence to its first tokens; where the memory refuses, it is empty afterwards.</summary>
    public void CutTo(KvSequence sequence, int length)
    {
        ReleaseLanes(sequence, 1);
        if (length == sequence.Length)
        {
            return;
        }

        if (length > 0 && _context.Truncate(sequence.Id, length))
        {
            Forget(sequence, length, sequence.Length - length);
        }
        else
        {
            Clear(sequence);
        }
    }

    /// <summary>Whether another sequence has some of the tokens from a position on: a shared cell cannot be shifted for one of them alone.</summary>
    public bool IsSharedFrom(KvSequence sequence, int start)
    {
        foreach (var cell in sequence.Cells[start..])
        {
            if (_ledger.IsShared(cell))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Forgets <paramref name="count"/> tokens from <paramref name="start"/> on and moves the later ones up.</summary>
    public void Roll(KvSequence sequence, int start, int count)
    {
        ReleaseLanes(sequence, 1);
        if (!_context.Truncate(sequence.Id, start, start + count))
        {
            throw new InvalidOperationException("The model's memory refused to forget the middle of a sequence, which a streaming window needs.");
        }

        _context.ShiftPositions(sequence.Id, start + count, sequence.Length, -count);
        Forget(sequence, start, count);
        sequence.IsPure = false;
    }

    /// <summary>A token of the last batch belongs to the sequence from now on.</summary>
    public void Append(KvSequence sequence, int token) => sequence.Append(token, _ledger.Allocate());

    /// <summary>Evicts until <paramref name="cells"/> are free; false where even an empty cache leaves less.</summary>
    public bool MakeRoom(int cells)
    {
        while (_ledger.Free < cells && EvictOldest())
        {
        }

        return _ledger.Free >= cells;
    }

    /// <summary>Gives a sequence lanes, up to <paramref name="count"/> ids in all, as far as there are any.</summary>
    public void AttachLanes(KvSequence sequence, int count)
    {
        while (sequence.Lanes.Count < count && _lanesLeft > 0)
        {
            var lane = TakeId();
            _lanesLeft--;
            _context.CopySequence(sequence.Id, lane);
            sequence.Lanes.Add(lane);
        }
    }

    /// <summary>Takes lanes away from a sequence until it has <paramref name="count"/> ids.</summary>
    public void ReleaseLanes(KvSequence sequence, int count)
    {
        while (sequence.Lanes.Count > count)
        {
            var lane = sequence.Lanes[^1];
            sequence.Lanes.RemoveAt(sequence.Lanes.Count - 1);
            _context.Truncate(lane, 0);
            _freeIds.Push(lane);
            _lanesLeft++;
        }
    }

    /// <summary>Evicts the least recently used sequence; false where none may go.</summary>
    public bool EvictOldest()
    {
        var oldest = -1;
        for (var i = 0; i < _cached.Count; i++)
        {
            if (_cached[i].Pins == 0 && (oldest < 0 || _cached[i].LastUsed < _cached[oldest].LastUsed))
            {
                oldest = i;
            }
        }

        if (oldest >= 0)
        {
            Evict(oldest);
        }

        return oldest >= 0;
    }

    private void EvictBeyondLimit()
    {
        var unpinned = 0;
        foreach (var sequence in _cached)
        {
            unpinned += sequence.Pins == 0 ? 1 : 0;
        }

        for (; unpinned > _maxCached; unpinned--)
        {
            EvictOldest();
        }
    }

    private void Evict(int index)
    {
        var sequence = _cached[index];
        _cached.RemoveAt(index);
        Remove(sequence);
    }

    private int TakeId()
    {
        if (_freeIds.Count == 0 && !EvictOldest())
        {
            throw new OutOfContextException("All sequences of the context are in use or pinned.");
        }

        return _freeIds.Pop();
    }

    private void Forget(KvSequence sequence, int start, int count)
    {
        foreach (var cell in sequence.Cells.Slice(start, count))
        {
            _ledger.Release(cell, sequence.IsHeld);
        }

        sequence.Remove(start, count);
    }

    private void SetHeld(KvSequence sequence, bool held)
    {
        if (sequence.IsHeld == held)
        {
            return;
        }

        sequence.IsHeld = held;
        foreach (var cell in sequence.Cells)
        {
            if (held)
            {
                _ledger.Hold(cell);
            }
            else
            {
                _ledger.Unhold(cell);
            }
        }
    }
}
