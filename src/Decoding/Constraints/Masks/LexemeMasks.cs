using System.Runtime.InteropServices;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>
/// What a lexer state says about tokens, whatever the parser expects afterwards.
/// </summary>
/// <param name="Inside">The tokens that a lexeme can read to their end.</param>
/// <param name="Boundaries">The nodes of the token tree where lexemes end and tokens go on, ascending, with the lexemes' marks.</param>
internal sealed record LexemeMask(TokenMask Inside, (int Node, int Marks)[] Boundaries);

/// <summary>
/// A <see cref="LexemeMask"/> for each lexer state, made when first asked for. Plain text in the midst of a string, however
/// long it may become, takes its mask from the vocabulary's table, so that only the other tokens are walked.
/// </summary>
internal sealed class LexemeMasks(Lexer lexer, VocabularyTables tables)
{
    private readonly List<LexemeMask?> _masks = [];
    private readonly TokenCollector _tokens = new(tables.Words);
    private readonly List<(int Node, int Marks)> _boundaries = [];
    private readonly int[] _path = new int[tables.Trie.MaxDepth + 1];
    private readonly PlainReach _reach = new(lexer);

    /// <summary>Bytes held by the masks so far, about.</summary>
    public long Bytes { get; private set; }

    /// <summary>What a state says about tokens.</summary>
    public LexemeMask this[int state]
    {
        get
        {
            while (_masks.Count <= state)
            {
                _masks.Add(null);
            }

            return _masks[state] ??= Create(state);
        }
    }

    private LexemeMask Create(int state)
    {
        _tokens.Clear();
        _boundaries.Clear();
        var trie = tables.Trie;
        var reach = _reach.Of(state);
        if (reach.IsKnown)
        {
            if (reach.Length > 0)
            {
                _tokens.Add(tables.PlainUpTo(reach.Length));
            }

            Walk(state, trie.Roots[1], trie.Roots[2]);
            if (reach.MayGoOn)
            {
                Walk(state, trie.Roots[2], trie.Roots[3]);
            }
        }
        else
        {
            Walk(state, trie.Roots[0], trie.Roots[1]);
        }

        var mask = new LexemeMask(tables.Masks.Intern(_tokens.ToMask()), [.. _boundaries]);
        Bytes += (mask.Boundaries.Length * 8) + (mask.Inside.IsSparse ? mask.Inside.Count * 4 : tables.Words * 4) + 64;
        return mask;
    }

    private void Walk(int state, int from, int to)
    {
        var trie = tables.Trie;
        var (value, depth, end, token) = (trie.Value, trie.Depth, trie.End, trie.Token);
        var classOf = lexer.ClassOf;
        _path[0] = state;
        for (var node = from; node < to;)
        {
            var level = depth[node];
            var next = lexer.NextByClass(_path[level - 1], classOf[value[node]]);
            if (next == 0)
            {
                node = end[node];
                continue;
            }

            _path[level] = next;
            if (token[node] >= 0)
            {
                _tokens.Add(token[node], trie.Same);
            }

            if (end[node] > node + 1)
            {
                var marks = lexer.MarksOf(next);
                if (marks != 0)
                {
                    _boundaries.Add((node, marks));
                }
            }

            node++;
        }
    }
}

/// <summary>
/// How far plain text (<see cref="PlainText"/>) can go from a lexer state.
/// </summary>
/// <param name="IsKnown">Whether it depends on nothing but the number of code points.</param>
/// <param name="Length">So many code points can always be read; <see cref="int.MaxValue"/> for any number.</param>
/// <param name="MayGoOn">Whether more than that may be read, depending on which they are.</param>
internal readonly record struct PlainRun(bool IsKnown, int Length, bool MayGoOn);

/// <summary>Finds <see cref="PlainRun"/>s.</summary>
internal sealed class PlainReach(Lexer lexer)
{
    private readonly HashSet<(int Utf8, int State)> _seen = [];
    private readonly Stack<(int Utf8, int State)> _open = new();
    private readonly HashSet<int> _reached = [];
    private readonly (int ByteClass, int Utf8)[][] _steps = [.. Enumerable.Range(0, PlainText.StateCount).Select(u => Steps(lexer, u))];

    /// <summary>How far plain text goes from a state.</summary>
    public PlainRun Of(int state)
    {
        var visited = new HashSet<int> { state };
        HashSet<int> layer = [state];
        var isMarked = false;
        for (var length = 0; length < VocabularyTables.MaxPlainLength; length++)
        {
            var (alive, dead) = NextLayer(layer);
            if (dead)
            {
                // All end here, or only some of them: then it matters which code points they are.
                return alive || isMarked ? default : new PlainRun(true, length, false);
            }

            layer = [.. _reached];
            foreach (var next in layer)
            {
                isMarked |= lexer.MarksOf(next) != 0;
            }

            var before = visited.Count;
            visited.UnionWith(layer);
            if (visited.Count == before)
            {
                return new PlainRun(true, int.MaxValue, false);
            }
        }

        return new PlainRun(true, VocabularyTables.MaxPlainLength, true);
    }

    // The states after one more plain code point, and whether any way there is open or closed.
    private (bool Alive, bool Dead) NextLayer(HashSet<int> layer)
    {
        _seen.Clear();
        _reached.Clear();
        foreach (var state in layer)
        {
            _open.Push((PlainText.Outside, state));
        }

        var (alive, dead) = (false, false);
        while (_open.TryPop(out var top))
        {
            foreach (var (byteClass, utf8) in _steps[top.Utf8])
            {
                var next = lexer.NextByClass(top.State, byteClass);
                dead |= next == 0;
                alive |= next != 0 && utf8 == PlainText.Outside;
                if (alive && dead)
                {
                    _open.Clear();
                    return (true, true);
                }

                if (next == 0)
                {
                    continue;
                }

                if (utf8 == PlainText.Outside)
                {
                    _reached.Add(next);
                }
                else if (_seen.Add((utf8, next)))
                {
                    _open.Push((utf8, next));
                }
            }
        }

        return (alive, dead);
    }

    private static (int ByteClass, int Utf8)[] Steps(Lexer lexer, int utf8) =>
        [.. Enumerable.Range(0, 256)
            .Select(b => ((int)lexer.ClassOf[b], PlainText.Next(utf8, (byte)b)))
            .Where(static step => step.Item2 >= 0)
            .Distinct()];
}
