using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>What all constraints over one vocabulary share. Built once, on first use. Thread-safe.</summary>
internal sealed class VocabularyTables
{
    /// <summary>Plain tokens of more code points than this are walked and not looked up.</summary>
    public const int MaxPlainLength = 24;

    private static readonly ConditionalWeakTable<Vocabulary, VocabularyTables> s_tables = [];

    private readonly bool[] _hasText;
    private readonly int[][] _plainByLength;
    private readonly uint[]?[] _plainUpTo;

    private VocabularyTables(Vocabulary vocabulary)
    {
        Words = (vocabulary.Count + 31) / 32;
        EndOfGeneration = [.. vocabulary.EndOfGeneration];
        _hasText = new bool[vocabulary.Count];
        var all = new List<int>();
        var rest = new List<int>();
        var longPlain = new List<int>();
        var lengths = new List<List<int>>();
        for (var token = 0; token < vocabulary.Count; token++)
        {
            const TokenKinds NoText = TokenKinds.Control | TokenKinds.EndOfGeneration | TokenKinds.Unused;
            if ((vocabulary.Kinds(token) & NoText) != TokenKinds.None || vocabulary.Piece(token).IsEmpty)
            {
                continue;
            }

            all.Add(token);
            _hasText[token] = true;
            var length = PlainText.CodePoints(vocabulary.Piece(token));
            if (length < 0)
            {
                rest.Add(token);
                continue;
            }

            if (length > MaxPlainLength)
            {
                longPlain.Add(token);
            }

            while (lengths.Count <= length)
            {
                lengths.Add([]);
            }

            lengths[length].Add(token);
        }

        Trie = TokenTrie.Create(vocabulary, [.. all], [.. rest], [.. longPlain]);
        _plainByLength = [.. lengths.Select(static l => l.ToArray())];
        _plainUpTo = new uint[]?[Math.Max(_plainByLength.Length, MaxPlainLength + 1)];
        Masks = new MaskPool();
    }

    /// <summary>The tree of all tokens with text, then that of those that are not plain text, then that of long plain ones.</summary>
    public TokenTrie Trie { get; }

    /// <summary>The words of a bitset of all tokens.</summary>
    public int Words { get; }

    /// <summary>The tokens that end a generation.</summary>
    public int[] EndOfGeneration { get; }

    /// <summary>Masks that are in use, each only once.</summary>
    public MaskPool Masks { get; }

    /// <summary>Whether a token stands for its bytes, rather than for itself or for nothing.</summary>
    public bool HasText(int token) => _hasText[token];

    /// <summary>The tables of a vocabulary.</summary>
    public static VocabularyTables Of(Vocabulary vocabulary) => s_tables.GetValue(vocabulary, static v => new VocabularyTables(v));

    /// <summary>The plain tokens of at most so many code points, as bits.</summary>
    public ReadOnlySpan<uint> PlainUpTo(int length)
    {
        length = Math.Min(length, _plainUpTo.Length - 1);
        if (Volatile.Read(ref _plainUpTo[length]) is { } known)
        {
            return known;
        }

        var bits = new uint[Words];
        for (var i = 0; i <= length && i < _plainByLength.Length; i++)
        {
            foreach (var token in _plainByLength[i])
            {
                bits[token >> 5] |= 1u << token;
            }
        }

        Volatile.Write(ref _plainUpTo[length], bits);
        return bits;
    }
}

/// <summary>Masks by content, held weakly: equal masks of all constraints are one object. Thread-safe.</summary>
internal sealed class MaskPool
{
    private const int SweepEvery = 4096;

    private readonly ConcurrentDictionary<int, WeakReference<TokenMask>> _masks = new();
    private int _added;

    /// <summary>A mask equal to <paramref name="mask"/>: itself or one made before.</summary>
    public TokenMask Intern(TokenMask mask)
    {
        var key = mask.ContentHash();
        var held = _masks.GetOrAdd(key, static (_, m) => new WeakReference<TokenMask>(m), mask);
        if (held.TryGetTarget(out var known))
        {
            // Two contents with one hash: the second stays outside the pool.
            return known.HasSameContent(mask) ? known : mask;
        }

        held.SetTarget(mask);
        if (Interlocked.Increment(ref _added) % SweepEvery == 0)
        {
            Sweep();
        }

        return mask;
    }

    private void Sweep()
    {
        foreach (var pair in _masks)
        {
            if (!pair.Value.TryGetTarget(out _))
            {
                _masks.TryRemove(pair);
            }
        }
    }
}
