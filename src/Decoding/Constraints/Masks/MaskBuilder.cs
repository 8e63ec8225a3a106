using System.Runtime.InteropServices;
using Connector.Decoding.Constraints.Parsing;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>
/// The mask of a set of threads: what their lexer states say about tokens (<see cref="LexemeMasks"/>), then a walk of the
/// token tree below the nodes where lexemes end, with what the parser expects there. Not thread-safe.
/// </summary>
internal sealed class MaskBuilder(TextAutomaton automaton, VocabularyTables tables)
{
    private readonly LexemeMasks _lexemes = new(automaton.Lexer, tables);
    private readonly TokenCollector _tokens = new(tables.Words, tables.Masks);
    private readonly List<(int Node, ReadingThread Thread)> _entries = [];
    private readonly List<ReadingThread> _threads = [];
    private readonly int[] _levelStart = new int[tables.Trie.MaxDepth + 2];

    /// <summary>Bytes held by the masks of lexer states, about.</summary>
    public long LexemeBytes => _lexemes.Bytes;

    /// <summary>The tokens that a set of threads can read.</summary>
    public TokenMask Build(ReadOnlySpan<ReadingThread> threads)
    {
        // A mask that ran into a limit may have left something.
        _entries.Clear();
        _tokens.Clear();
        TokenMask? only = null;
        foreach (var thread in threads)
        {
            var lexeme = _lexemes[thread.Lexer];
            if (threads.Length == 1)
            {
                only = lexeme.Inside;
            }
            else
            {
                _tokens.Add(lexeme.Inside);
            }

            AddEntries(thread, lexeme.ShortBoundaries);
            AddEntries(thread, lexeme.LongBoundaries);
        }

        if (threads.Length > 1)
        {
            _entries.Sort(static (x, y) => x.Node.CompareTo(y.Node));
        }

        WalkBoundaries(only);
        AddTokens(threads);
        if (only is not null)
        {
            if (_tokens.IsEmpty)
            {
                return only;
            }

            _tokens.Add(only);
        }

        return _tokens.ToMask();
    }

    private void AddEntries(ReadingThread thread, (int Node, int Marks)[] boundaries)
    {
        var last = (Marks: -1, Thread: default(ReadingThread));
        foreach (var (node, marks) in boundaries)
        {
            if (marks != last.Marks)
            {
                last = (marks, automaton.After(thread.Parser, marks));
            }

            _entries.Add((node, last.Thread));
        }
    }

    // Walks the subtrees below the entries in preorder; an entry inside the subtree of another joins that walk.
    private void WalkBoundaries(TokenMask? known)
    {
        var trie = tables.Trie;
        var entry = 0;
        while (entry < _entries.Count)
        {
            var root = _entries[entry].Node;
            var end = trie.End[root];
            var top = trie.Depth[root];
            _threads.Clear();
            _levelStart[top] = 0;
            TakeEntries(root, 0, ref entry);
            _levelStart[top + 1] = _threads.Count;
            for (var node = root + 1; node < end;)
            {
                var level = trie.Depth[node];
                var first = _levelStart[level];
                _threads.RemoveRange(first, _threads.Count - first);
                var (start, length) = (_levelStart[level - 1], first - _levelStart[level - 1]);
                StepLevel(start, length, trie.Value[node], first);
                if (_threads.Count > first && trie.At(node) is { IsEmpty: false } tokens && known?.Contains(tokens[0]) != true)
                {
                    _tokens.Add(tokens);
                }

                TakeEntries(node, first, ref entry);
                _levelStart[level + 1] = _threads.Count;
                var nothingBelow = _threads.Count == first && (entry >= _entries.Count || _entries[entry].Node >= trie.End[node]);
                node = nothingBelow ? trie.End[node] : node + 1;
            }
        }
    }

    private void StepLevel(int start, int length, byte value, int first)
    {
        if (length == 0)
        {
            return;
        }

        // The list may grow while its own earlier part is read, so that part is copied first.
        Span<ReadingThread> from = length <= 16 ? stackalloc ReadingThread[length] : new ReadingThread[length];
        CollectionsMarshal.AsSpan(_threads).Slice(start, length).CopyTo(from);
        automaton.Step(from, value, _threads, first);
    }

    private void TakeEntries(int node, int first, ref int entry)
    {
        for (; entry < _entries.Count && _entries[entry].Node == node; entry++)
        {
            automaton.Add(_threads, first, _entries[entry].Thread);
        }
    }

    private void AddTokens(ReadOnlySpan<ReadingThread> threads)
    {
        foreach (var thread in threads)
        {
            if (!automaton.IsBetweenLexemes(thread))
            {
                continue;
            }

            var state = automaton.Parser[thread.Parser];
            foreach (var (set, _) in state.Tokens)
            {
                foreach (var token in automaton.Parser.TokenSet(set))
                {
                    if (token < tables.Words * 32)
                    {
                        _tokens.Add(token);
                    }
                }
            }

            if (state.Accepts)
            {
                foreach (var token in tables.EndOfGeneration)
                {
                    _tokens.Add(token);
                }
            }
        }
    }
}
