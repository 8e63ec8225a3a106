namespace Connector.Decoding.Engine;

/// <summary>
/// What the KV cache holds, mirrored: a token shared by several sequences is one cell, so only references tell how much is free and how much
/// eviction would free. Not thread-safe.
/// </summary>
internal sealed class CellLedger(int capacity)
{
    private readonly Stack<int> _free = new();
    private int[] _references = new int[256];
    private int[] _holds = new int[256];
    private int _created;

    /// <summary>Cells that some sequence has.</summary>
    public int Used { get; private set; }

    /// <summary>Cells that some running or pinned sequence has: the rest of the used ones can be evicted.</summary>
    public int Held { get; private set; }

    public int Free => capacity - Used;

    public int FreeAfterEvictions => capacity - Held;

    /// <summary>A new cell with one reference, held.</summary>
    public int Allocate()
    {
        if (!_free.TryPop(out var cell))
        {
            cell = _created++;
            if (cell == _references.Length)
            {
                Array.Resize(ref _references, cell * 2);
                Array.Resize(ref _holds, cell * 2);
            }
        }

        Used++;
        Held++;
        _references[cell] = _holds[cell] = 1;
        return cell;
    }

    public bool IsShared(int cell) => _references[cell] > 1;

    public void Share(int cell, bool held)
    {
        _references[cell]++;
        if (held)
        {
            Hold(cell);
        }
    }

    public void Release(int cell, bool held)
    {
        if (held)
        {
            Unhold(cell);
        }

        if (--_references[cell] == 0)
        {
            Used--;
            _free.Push(cell);
        }
    }

    public void Hold(int cell) => Held += _holds[cell]++ == 0 ? 1 : 0;

    public void Unhold(int cell) => Held -= --_holds[cell] == 0 ? 1 : 0;
}
