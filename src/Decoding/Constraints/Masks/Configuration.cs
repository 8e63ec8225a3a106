using System.Runtime.InteropServices;
using Connector.Decoding.Constraints.Parsing;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>
/// A set of threads that some text leads to, with all that has been found out about it. Interned: the state of a
/// request is the id of one. Everything but the threads is filled in under the constraint's lock, and read without.
/// </summary>
internal sealed class Configuration(int id, ReadingThread[] threads, bool isComplete)
{
    private const int MaxRemembered = 512;

    private volatile long[] _next = [];
    private int _remembered;

    public int Id => id;

    /// <summary>The threads, in a fixed order.</summary>
    public ReadingThread[] Threads => threads;

    /// <summary>Whether the text may end here.</summary>
    public bool IsComplete => isComplete;

    /// <summary>The mask once it is known.</summary>
    public TokenMask? Mask { get; set; }

    /// <summary>The text that must follow, by what is guessed of optional spaces, as far as it is known.</summary>
    public ForcedRuns Forced { get; } = new();

    /// <summary>Where a token leads, if that is remembered: the id of a configuration, or -1 where it is not allowed.</summary>
    public bool TryNext(int token, out int next)
    {
        var table = _next;
        var mask = table.Length - 1;
        for (var slot = Slot(token) & mask; table.Length > 0; slot = (slot + 1) & mask)
        {
            var entry = Volatile.Read(ref table[slot]);
            if (entry == 0)
            {
                break;
            }

            if ((int)(entry >> 32) == token)
            {
                next = (int)entry - 2;
                return true;
            }
        }

        next = -1;
        return false;
    }

    /// <summary>Remembers where a token leads, as long as there is room. Under the lock.</summary>
    public void Remember(int token, int next)
    {
        if (_remembered >= MaxRemembered)
        {
            return;
        }

        _remembered++;
        var table = _next;
        if (_remembered * 2 > table.Length)
        {
            var grown = new long[Math.Max(4, table.Length * 2)];
            foreach (var entry in table)
            {
                if (entry != 0)
                {
                    Put(grown, entry);
                }
            }

            Put(grown, Entry(token, next));
            _next = grown;
            return;
        }

        Put(table, Entry(token, next));
    }

    private static long Entry(int token, int next) => (long)token << 32 | (uint)(next + 2);

    private static int Slot(int token) => (int)((uint)token * 2654435769u >> 8);

    private static void Put(long[] table, long entry)
    {
        var mask = table.Length - 1;
        var slot = Slot((int)(entry >> 32)) & mask;
        while (table[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        Volatile.Write(ref table[slot], entry);
    }
}

/// <summary>A set of threads as a key.</summary>
internal readonly record struct ThreadSet(ReadingThread[] Threads)
{
    public bool Equals(ThreadSet other) => Threads.AsSpan().SequenceEqual(other.Threads);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes<ReadingThread>(Threads));
        return hash.ToHashCode();
    }
}
