namespace Connector.Decoding.Speculation;

/// <summary>A list of tokens whose memory is kept. Not thread-safe.</summary>
internal sealed class TokenList
{
    private int[] _items = new int[64];

    /// <summary>Tokens in the list.</summary>
    public int Count { get; private set; }

    /// <summary>The tokens.</summary>
    public ReadOnlySpan<int> Span => _items.AsSpan(0, Count);

    /// <summary>A token.</summary>
    public int this[int index] => _items[index];

    /// <summary>Removes all.</summary>
    public void Clear() => Count = 0;

    /// <summary>Appends a token.</summary>
    public void Add(int token) => Add(new ReadOnlySpan<int>(in token));

    /// <summary>Appends tokens.</summary>
    public void Add(ReadOnlySpan<int> tokens)
    {
        if (Count + tokens.Length > _items.Length)
        {
            Array.Resize(ref _items, Math.Max(_items.Length * 2, Count + tokens.Length));
        }

        tokens.CopyTo(_items.AsSpan(Count));
        Count += tokens.Length;
    }

    /// <summary>Keeps the first tokens.</summary>
    public void Truncate(int count) => Count = Math.Min(Count, count);

    /// <summary>Removes the first tokens.</summary>
    public void RemoveFirst(int count)
    {
        _items.AsSpan(count, Count - count).CopyTo(_items);
        Count -= count;
    }

    /// <summary>How many first tokens are the same in a text.</summary>
    public int CommonPrefix(ReadOnlySpan<int> text) => Span.CommonPrefixLength(text);
}
