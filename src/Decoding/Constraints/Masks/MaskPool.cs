using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>Masks by content, held weakly: equal masks of all constraints are one object. Thread-safe.</summary>
internal sealed class MaskPool
{
    private const int SweepEvery = 4096;

    private readonly ConcurrentDictionary<ulong, WeakReference<TokenMask>> _masks = new();
    private int _added;

    /// <summary>The mask of these bits: one made before where there is one, so that nothing is copied.</summary>
    public TokenMask Intern(ReadOnlySpan<uint> bits)
    {
        var count = 0;
        foreach (var word in bits)
        {
            count += BitOperations.PopCount(word);
        }

        var key = Hash(MemoryMarshal.AsBytes(bits));
        if (count > TokenMask.MaxListLength && Find(key) is { IsSparse: false } known && known.Bits.SequenceEqual(bits))
        {
            return known;
        }

        var mask = TokenMask.FromBits(bits);
        return mask.IsSparse ? Intern(mask.Tokens) : Add(key, mask);
    }

    /// <summary>The mask of these tokens, ascending and few.</summary>
    public TokenMask Intern(ReadOnlySpan<int> tokens)
    {
        var key = ~Hash(MemoryMarshal.AsBytes(tokens));
        return Find(key) is { IsSparse: true } known && known.Tokens.SequenceEqual(tokens)
            ? known
            : Add(key, TokenMask.FromSorted(tokens.ToArray()));
    }

    private TokenMask? Find(ulong key) =>
        _masks.TryGetValue(key, out var held) && held.TryGetTarget(out var mask) ? mask : null;

    // Of two contents with one hash the later takes the place; the other lives on outside the pool.
    private TokenMask Add(ulong key, TokenMask mask)
    {
        _masks[key] = new WeakReference<TokenMask>(mask);
        if (Interlocked.Increment(ref _added) % SweepEvery == 0)
        {
            foreach (var pair in _masks)
            {
                if (!pair.Value.TryGetTarget(out _))
                {
                    _masks.TryRemove(pair);
                }
            }
        }

        return mask;
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong Prime = 0x9E3779B97F4A7C15;
        var hash = (ulong)bytes.Length * Prime;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            hash = BitOperations.RotateLeft((hash ^ word) * Prime, 29);
        }

        foreach (var value in bytes[(words.Length * sizeof(ulong))..])
        {
            hash = (hash ^ value) * Prime;
        }

        return hash ^ hash >> 32;
    }
}
