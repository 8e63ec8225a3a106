using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>
/// What a lexer state says about tokens, whatever the parser expects afterwards.
/// </summary>
/// <param name="Inside">The tokens that a lexeme can read to their end.</param>
/// <param name="ShortBoundaries">The nodes of the trees of short tokens where lexemes end and tokens go on, ascending, with the lexemes' marks.</param>
/// <param name="LongBoundaries">Those of the tree of long tokens.</param>
internal sealed record LexemeMask(TokenMask Inside, (int Node, int Marks)[] ShortBoundaries, (int Node, int Marks)[] LongBoundaries);

/// <summary>
/// A <see cref="LexemeMask"/> for each lexer state, made when first asked for. Short tokens are walked only once for all
/// states that differ in counts too large to matter to them (<see cref="RegexSet.WithinReach"/>), and plain text in the
/// midst of a string is not walked at all.
/// </summary>
internal sealed class LexemeMasks(Lexer lexer, VocabularyTables tables, long maxBytes)
{
    private readonly List<LexemeMask?> _masks = [];
    private readonly Dictionary<int, LexemeMask> _short = [];
    private readonly TokenCollector _tokens = new(tables.Words, tables.Masks);
    private readonly List<(int Node, int Marks)> _boundaries = [];
    private readonly int[] _path = new int[tables.Trie.MaxDepth + 1];
    private readonly PlainReach _reach = new(lexer);
    private long _bytes;

    /// <summary>Whether masks may still be kept; beyond that they are made anew each time.</summary>
    public bool HasRoom => _bytes < maxBytes;

    /// <summary>What a state says about tokens.</summary>
    public LexemeMask this[int state]
    {
        get
        {
            while (_masks.Count <= state)
            {
                _masks.Add(null);
            }

            var mask = _masks[state] ?? Create(state);
            if (HasRoom)
            {
                _masks[state] = mask;
            }

            return mask;
        }
    }

    private LexemeMask Create(int state)
    {
        var canonical = lexer.WithinReach(state, VocabularyTables.MaxShortLength);
        if (!_short.TryGetValue(canonical, out var shorter))
        {
            shorter = CreateShort(canonical);
            if (HasRoom)
            {
                _short[canonical] = shorter;
            }
        }

        _tokens.Clear();
        _boundaries.Clear();
        Walk(state, tables.Long, usePlain: false);
        if (_tokens.IsEmpty && _boundaries.Count == 0)
        {
            return shorter;
        }

        _tokens.Add(shorter.Inside);
        return Account(new LexemeMask(_tokens.ToMask(), shorter.ShortBoundaries, [.. _boundaries]));
    }

    private LexemeMask CreateShort(int state)
    {
        _tokens.Clear();
        _boundaries.Clear();
        var reach = _reach.Of(state);
        if (!reach.IsKnown)
        {
            Walk(state, tables.Plain, usePlain: true);
        }
        else if (reach.Length > 0)
        {
            _tokens.Add(tables.PlainUpTo(reach.Length));
        }

        Walk(state, tables.Rest, usePlain: false);
        return Account(new LexemeMask(_tokens.ToMask(), [.. _boundaries], []));
    }

    private LexemeMask Account(LexemeMask mask)
    {
        _bytes += ((mask.ShortBoundaries.Length + mask.LongBoundaries.Length) * 8) + (mask.Inside.IsSparse ? mask.Inside.Count * 4 : tables.Words * 4) + 64;
        return mask;
    }

    private void Walk(int state, (int From, int To) nodes, bool usePlain)
    {
        var trie = tables.Trie;
        var (value, depth, end, first) = (trie.Value, trie.Depth, trie.End, trie.First);
        var (classOf, path) = (lexer.ClassOf, _path);
        path[0] = state;
        for (var node = nodes.From; node < nodes.To;)
        {
            var level = depth[node];
            var next = lexer.NextByClass(path[level - 1], classOf[value[node]]);
            var after = end[node];
            if (next == 0)
            {
                node = after;
                continue;
            }

            path[level] = next;
            if (after > node + 1)
            {
                if (usePlain && _reach.IsClosed(next))
                {
                    _tokens.Add(trie.Below(node));
                    node = after;
                    continue;
                }

                var marks = lexer.MarksOf(next);
                if (marks != 0)
                {
                    _boundaries.Add((node, marks));
                }
            }

            var (from, to) = (first[node], first[node + 1]);
            if (to == from + 1)
            {
                _tokens.Add(trie.Tokens[from]);
            }
            else if (from < to)
            {
                _tokens.Add(trie.At(node));
            }

            node++;
        }
    }
}
