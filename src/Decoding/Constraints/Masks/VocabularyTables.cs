using System.Runtime.CompilerServices;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>What all constraints over one vocabulary share. Built once, on first use. Thread-safe.</summary>
internal sealed class VocabularyTables
{
    /// <summary>
    /// Tokens of more bytes than this are few and always walked. What a lexer may still read beyond so many bytes makes
    /// no difference to the others.
    /// </summary>
    public const int MaxShortLength = 24;

    private static readonly ConditionalWeakTable<Vocabulary, VocabularyTables> s_tables = [];

    private readonly bool[] _hasText;
    private readonly int[][] _plainByLength;
    private readonly uint[]?[] _plainUpTo = new uint[]?[MaxShortLength + 1];

    private VocabularyTables(Vocabulary vocabulary)
    {
        Words = (vocabulary.Count + 31) / 32;
        EndOfGeneration = [.. vocabulary.EndOfGeneration];
        _hasText = new bool[vocabulary.Count];
        var plain = new List<int>();
        var rest = new List<int>();
        var longer = new List<int>();
        var lengths = new List<int>[MaxShortLength + 1];
        for (var token = 0; token < vocabulary.Count; token++)
        {
            const TokenKinds NoText = TokenKinds.Control | TokenKinds.EndOfGeneration | TokenKinds.Unused;
            if ((vocabulary.Kinds(token) & NoText) != TokenKinds.None || vocabulary.Piece(token).IsEmpty)
            {
                continue;
            }

            _hasText[token] = true;
            if (vocabulary.Piece(token).Length > MaxShortLength)
            {
                longer.Add(token);
            }
            else if (PlainText.CodePoints(vocabulary.Piece(token)) is >= 0 and var length)
            {
                plain.Add(token);
                (lengths[length] ??= []).Add(token);
            }
            else
            {
                rest.Add(token);
            }
        }

        Trie = TokenTrie.Create(vocabulary, plain, rest, longer);
        _plainByLength = [.. lengths.Select(static l => l?.ToArray() ?? [])];
        Masks = new MaskPool();
    }

    /// <summary>The trees of short tokens of plain text, of other short tokens, and of long tokens.</summary>
    public TokenTrie Trie { get; }

    /// <summary>Where the short tokens of plain text start in the tree.</summary>
    public (int From, int To) Plain => (Trie.Roots[0], Trie.Roots[1]);

    /// <summary>Where the short tokens that are not plain text start in the tree.</summary>
    public (int From, int To) Rest => (Trie.Roots[1], Trie.Roots[2]);

    /// <summary>Where the long tokens start in the tree.</summary>
    public (int From, int To) Long => (Trie.Roots[2], Trie.Roots[3]);

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

    /// <summary>The short plain tokens of at most so many code points, as bits.</summary>
    public ReadOnlySpan<uint> PlainUpTo(int length)
    {
        length = Math.Min(length, MaxShortLength);
        if (Volatile.Read(ref _plainUpTo[length]) is { } known)
        {
            return known;
        }

        var bits = new uint[Words];
        for (var i = 0; i <= length; i++)
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
