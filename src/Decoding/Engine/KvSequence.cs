using System.Runtime.InteropServices;

namespace Connector.Decoding.Engine;

/// <summary>One sequence of the KV cache as the engine knows it: position i holds <see cref="Tokens"/>[i].</summary>
internal sealed class KvSequence(int id)
{
    private readonly List<int> _tokens = [];
    private readonly List<int> _cells = [];

    /// <summary>The sequence's ids: the first is its own, the others are lanes for draft branches that hold exactly the same.</summary>
    public List<int> Lanes { get; } = [id];

    public int Id => Lanes[0];

    public int Length => _tokens.Count;

    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    public ReadOnlySpan<int> Cells => CollectionsMarshal.AsSpan(_cells);

    /// <summary>Whether every token was evaluated after just the tokens before it here: false once a window has rolled.</summary>
    public bool IsPure { get; set; } = true;

    /// <summary>Whether nobody may share its cells, because their positions are going to shift.</summary>
    public bool IsPrivate { get; set; }

    /// <summary>Whether its tokens are a prefix that others may take over.</summary>
    public bool IsShareable => IsPure && !IsPrivate;

    /// <summary>Whether its cells must stay: it runs or is pinned.</summary>
    public bool IsHeld { get; set; } = true;

    /// <summary>Pins on it; a pinned sequence is never evicted.</summary>
    public int Pins { get; set; }

    /// <summary>The step it was last used in.</summary>
    public long LastUsed { get; set; }

    public void Append(int token, int cell)
    {
        _tokens.Add(token);
        _cells.Add(cell);
    }

    public void Remove(int start, int count)
    {
        _tokens.RemoveRange(start, count);
        _cells.RemoveRange(start, count);
    }
}
