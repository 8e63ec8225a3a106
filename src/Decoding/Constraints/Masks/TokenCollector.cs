using System.Runtime.InteropServices;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>Gathers allowed tokens: a list while they are few, then bits. Reused from mask to mask.</summary>
internal sealed class TokenCollector(int words, MaskPool pool)
{
    private readonly List<int> _list = [];
    private uint[] _bits = [];
    private bool _isSpread;

    /// <summary>Whether nothing has been added.</summary>
    public bool IsEmpty => !_isSpread && _list.Count == 0;

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        _list.Clear();
        _isSpread = false;
    }

    /// <summary>Adds a token.</summary>
    public void Add(int token)
    {
        if (_isSpread)
        {
            _bits[token >> 5] |= 1u << token;
        }
        else
        {
            Add([token]);
        }
    }

    /// <summary>Adds tokens.</summary>
    public void Add(ReadOnlySpan<int> tokens)
    {
        if (!_isSpread && _list.Count + tokens.Length > TokenMask.MaxListLength)
        {
            Spread();
        }

        if (!_isSpread)
        {
            _list.AddRange(tokens);
            return;
        }

        var bits = _bits;
        foreach (var token in tokens)
        {
            bits[token >> 5] |= 1u << token;
        }
    }

    /// <summary>Adds all tokens of a mask.</summary>
    public void Add(TokenMask mask)
    {
        if (mask.IsSparse)
        {
            Add(mask.Tokens);
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

    /// <summary>The tokens as a mask of the pool; the collector is empty afterwards.</summary>
    public TokenMask ToMask()
    {
        var mask = _isSpread ? pool.Intern(_bits) : pool.Intern(SortedList());
        Clear();
        return mask;
    }

    private ReadOnlySpan<int> SortedList()
    {
        var list = CollectionsMarshal.AsSpan(_list);
        list.Sort();
        var kept = 0;
        for (var i = 0; i < list.Length; i++)
        {
            if (i == 0 || list[i] != list[i - 1])
            {
                list[kept++] = list[i];
            }
        }

        return list[..kept];
    }

    private void Spread()
    {
        if (_isSpread)
        {
            return;
        }

        if (_bits.Length == 0)
        {
            _bits = new uint[words];
        }

        _isSpread = true;
        _bits.AsSpan().Clear();
        foreach (var token in _list)
        {
            _bits[token >> 5] |= 1u << token;
        }

        _list.Clear();
    }
}
