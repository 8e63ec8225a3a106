using System.Collections.Immutable;

namespace Connector.Decoding.Constraints;

/// <summary>
/// A set of allowed tokens: a bitset, or a short ascending list where few are allowed. Immutable and shared.
/// </summary>
public sealed class TokenMask
{
    private readonly uint[] _bits;
    private readonly int[]? _list;

    private TokenMask(uint[] bits, int[]? list, int count)
    {
        _bits = bits;
        _list = list;
        Count = count;
    }

    /// <summary>A mask up to this many tokens is a list: gathering its logits is cheaper than masking a row.</summary>
    public const int MaxListLength = 256;

    /// <summary>How many tokens are allowed.</summary>
    public int Count { get; }

    /// <summary>Whether the mask is a short list, in <see cref="Tokens"/>.</summary>
    public bool IsSparse => _list is not null;

    /// <summary>The allowed tokens, ascending, of a sparse mask; empty for a dense one.</summary>
    public ReadOnlySpan<int> Tokens => _list;

    /// <summary>Bit <c>t % 32</c> of word <c>t / 32</c> tells whether token t is allowed; empty for a sparse mask.</summary>
    public ReadOnlySpan<uint> Bits => _bits;

    /// <summary>A mask of the tokens whose bits are set. Becomes sparse where few are.</summary>
    public static TokenMask FromBits(ReadOnlySpan<uint> bits)
    {
        var count = 0;
        foreach (var word in bits)
        {
            count += System.Numerics.BitOperations.PopCount(word);
        }

        if (count > MaxListLength)
        {
            return new TokenMask(bits.ToArray(), null, count);
        }

        var list = new int[count];
        var next = 0;
        for (var i = 0; i < bits.Length; i++)
        {
            for (var word = bits[i]; word != 0; word &= word - 1)
            {
                list[next++] = (i * 32) + System.Numerics.BitOperations.TrailingZeroCount(word);
            }
        }

        return new TokenMask([], list, count);
    }

    // A sparse mask of tokens that are ascending already.
    internal static TokenMask FromSorted(int[] tokens) => new([], tokens, tokens.Length);

    /// <summary>A sparse mask of a few tokens, in any order, repeats allowed.</summary>
    public static TokenMask FromTokens(params IEnumerable<int> tokens)
    {
        ImmutableSortedSet<int> set = [.. tokens];
        return new TokenMask([], [.. set], set.Count);
    }

    /// <summary>Whether a token is allowed.</summary>
    public bool Contains(int token) => _list is not null
        ? Array.BinarySearch(_list, token) >= 0
        : (uint)(token >> 5) < (uint)_bits.Length && (_bits[token >> 5] >> (token & 31) & 1) != 0;
}
