namespace Connector.Decoding.Constraints.Masks;

/// <summary>Gathers allowed tokens: a list while they are few, then bits. Reused from mask to mask.</summary>
internal sealed class TokenCollector(int words)
{
    private readonly List<int> _list = [];
    private uint[]? _bits;

    /// <summary>Whether nothing has been added.</summary>
    public bool IsEmpty => _bits is null && _list.Count == 0;

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        _list.Clear();
        _bits = null;
    }

    /// <summary>Adds a token.</summary>
    public void Add(int token)
    {
        if (_bits is not null)
        {
            _bits[token >> 5] |= 1u << token;
            return;
        }

        _list.Add(token);
        if (_list.Count > TokenMask.MaxListLength)
        {
            Spread();
        }
    }

    /// <summary>Adds a token and all others with the same text.</summary>
    public void Add(int token, int[] same)
    {
        for (; token >= 0; token = same[token])
        {
            Add(token);
        }
    }

    /// <summary>Adds all tokens of a mask.</summary>
    public void Add(TokenMask mask)
    {
        if (mask.IsSparse)
        {
            foreach (var token in mask.Tokens)
            {
                Add(token);
            }

            return;
        }

        Add(mask.Bits);
    }

    /// <summary>Adds all tokens of a bitset.</summary>
    public void Add(ReadOnlySpan<uint> bits)
    {
        Spread();
        System.Numerics.Tensors.TensorPrimitives.BitwiseOr(bits, _bits, _bits);
    }

    /// <summary>The tokens as a mask; the collector is empty afterwards.</summary>
    public TokenMask ToMask()
    {
        TokenMask mask;
        if (_bits is null)
        {
            _list.Sort();
            int[] tokens = [.. _list.Distinct()];
            mask = TokenMask.Own([], tokens, tokens.Length);
        }
        else
        {
            var count = 0;
            foreach (var word in _bits)
            {
                count += System.Numerics.BitOperations.PopCount(word);
            }

            mask = count <= TokenMask.MaxListLength ? TokenMask.FromBits(_bits) : TokenMask.Own(_bits, null, count);
        }

        Clear();
        return mask;
    }

    private void Spread()
    {
        if (_bits is not null)
        {
            return;
        }

        _bits = new uint[words];
        foreach (var token in _list)
        {
            _bits[token >> 5] |= 1u << token;
        }

        _list.Clear();
    }
}
