using System.Numerics;

namespace Connector.Decoding.Speculation;

/// <summary>An earlier place in a text that ends like the context does.</summary>
/// <param name="Next">The position of the token that followed it.</param>
/// <param name="Length">How many tokens before that position equal the context's last ones.</param>
internal readonly record struct Occurrence(int Next, int Length);

/// <summary>
/// A text in which every place that ends like a given context is found in time proportional to the places returned:
/// per order k, each position links to the last earlier one whose k tokens hash alike. It answers what a suffix tree
/// over the text would (which tokens followed the context, how often, after how long a match), costs 4 bytes per
/// token and order, forgets its oldest tokens for free, and knows which occurrence is the latest.
/// </summary>
/// <remarks>Bounded: beyond <c>maxCapacity</c> tokens the oldest go (first in, first out). Not thread-safe.</remarks>
internal sealed class OccurrenceIndex
{
    /// <summary>Stands between texts; never part of a match.</summary>
    public const int Separator = -1;

    /// <summary>Matches are not told apart beyond this length.</summary>
    public const int MaxMatch = 32;

    private static readonly int[] Orders = [8, 3, 1];
    private readonly int _maxCapacity;
    private readonly int[][] _previous = new int[Orders.Length][];
    private readonly int[][] _heads = new int[Orders.Length][];
    private int[] _tokens;

    /// <summary>Makes an empty history.</summary>
    /// <param name="capacity">Tokens to make room for at once; it doubles up to <paramref name="maxCapacity"/>.</param>
    /// <param name="maxCapacity">Tokens kept at most; rounded up to a power of two.</param>
    public OccurrenceIndex(int capacity, int maxCapacity)
    {
        _maxCapacity = (int)BitOperations.RoundUpToPowerOf2((uint)maxCapacity);
        _tokens = [];
        Allocate(Math.Min((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 64)), _maxCapacity));
    }

    /// <summary>Tokens ever appended; positions count from 0 and are never reused.</summary>
    public int Count { get; private set; }

    private int Oldest => Math.Max(0, Count - _tokens.Length);

    /// <summary>The token at a position that is still kept.</summary>
    public int this[int position] => _tokens[position & (_tokens.Length - 1)];

    /// <summary>Forgets everything and keeps the memory.</summary>
    public void Clear()
    {
        Count = 0;
        foreach (var heads in _heads)
        {
            Array.Fill(heads, -1);
        }
    }

    /// <summary>Appends a text.</summary>
    public void Append(ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens)
        {
            Append(token);
        }
    }

    /// <summary>Appends a token, or <see cref="Separator"/>.</summary>
    public void Append(int token)
    {
        if (Count == _tokens.Length && _tokens.Length < _maxCapacity)
        {
            Grow();
        }

        if (Count == int.MaxValue)
        {
            Clear();
        }

        var slot = Count & (_tokens.Length - 1);
        _tokens[slot] = token;
        Count++;
        Link(Count - 1, slot);
    }

    /// <summary>
    /// Finds places whose last tokens equal the context's, those of the longest orders first and the latest first
    /// within an order; returns how many were written.
    /// </summary>
    /// <param name="context">The tokens so far; only the last <see cref="MaxMatch"/> count.</param>
    /// <param name="perOrder">The most places per order.</param>
    /// <param name="found">Where they are written.</param>
    public int Find(ReadOnlySpan<int> context, int perOrder, Span<Occurrence> found)
    {
        var count = 0;
        for (var o = 0; o < Orders.Length; o++)
        {
            var order = Orders[o];
            if (context.Length < order)
            {
                continue;
            }

            var left = perOrder;
            var heads = _heads[o];
            var position = heads[Hash(context[^order..]) & (heads.Length - 1)];
            for (; position >= Oldest && left > 0 && count < found.Length; position = _previous[o][position & (_tokens.Length - 1)])
            {
                var length = position + 1 < Count && this[position + 1] >= 0 ? MatchLength(position, context) : 0;
                if (length >= order && !Contains(found[..count], position + 1))
                {
                    found[count++] = new Occurrence(position + 1, length);
                    left--;
                }
            }
        }

        return count;
    }

    private static bool Contains(ReadOnlySpan<Occurrence> found, int next)
    {
        foreach (ref readonly var occurrence in found)
        {
            if (occurrence.Next == next)
            {
                return true;
            }
        }

        return false;
    }

    private static int Hash(ReadOnlySpan<int> tokens)
    {
        var hash = 2166136261u;
        foreach (var token in tokens)
        {
            hash = (hash ^ (uint)token) * 0x9E3779B1u;
            hash ^= hash >> 15;
        }

        return (int)hash;
    }

    private int MatchLength(int end, ReadOnlySpan<int> context)
    {
        var most = Math.Min(Math.Min(context.Length, MaxMatch), end - Oldest + 1);
        var length = 0;
        while (length < most && this[end - length] == context[context.Length - 1 - length])
        {
            length++;
        }

        return length;
    }

    private void Link(int position, int slot)
    {
        Span<int> last = stackalloc int[Orders[0]];
        var available = Math.Min(Orders[0], position - Oldest + 1);
        for (var i = 0; i < available; i++)
        {
            last[Orders[0] - 1 - i] = this[position - i];
        }

        for (var o = 0; o < Orders.Length; o++)
        {
            var heads = _heads[o];
            if (available < Orders[o])
            {
                _previous[o][slot] = -1;
                continue;
            }

            ref var head = ref heads[Hash(last[^Orders[o]..]) & (heads.Length - 1)];
            _previous[o][slot] = head;
            head = position;
        }
    }

    private void Grow()
    {
        var old = _tokens;
        var count = Count;
        Allocate(old.Length * 2);
        Count = 0;
        for (var i = 0; i < count; i++)
        {
            Append(old[i]);
        }
    }

    private void Allocate(int capacity)
    {
        _tokens = new int[capacity];
        for (var o = 0; o < Orders.Length; o++)
        {
            _previous[o] = new int[capacity];
            _heads[o] = new int[capacity];
            Array.Fill(_heads[o], -1);
        }
    }
}
