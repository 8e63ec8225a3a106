using System.Runtime.InteropServices;
using Connector.Decoding.Constraints.Parsing;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>
/// The mask of a set of threads: what their lexer states say about tokens (<see cref="LexemeMasks"/>), then a walk of
/// the token tree below the nodes where lexemes end, with what the parser expects there. Remembered for all sets that
/// differ only beyond the longest token, up to a number of bytes. Not thread-safe.
/// </summary>
internal sealed class MaskBuilder(TextAutomaton automaton, VocabularyTables tables, long maxBytes)
{
    private readonly LexemeMasks _lexemes = new(automaton.Lexer, tables, maxBytes);
    private readonly TokenCollector _tokens = new(tables.Words, tables.Masks);
    private readonly List<ReadingThread> _parts = [];
    private readonly Dictionary<ThreadSet, TokenMask> _known = [];
    private readonly List<ReadingThread> _threads = [];
    private readonly int[] _levelStart = new int[tables.Trie.MaxDepth + 2];
    private List<(int Node, ReadingThread Thread)> _entries = [];
    private long _bytes;
    private List<(int Node, ReadingThread Thread)> _merged = [];

    /// <summary>Whether masks may still be kept.</summary>
    public bool HasRoom => _lexemes.HasRoom && _bytes < maxBytes;

    /// <summary>The tokens that a set of threads can read.</summary>
    public TokenMask Build(ReadOnlySpan<ReadingThread> threads)
    {
        // A mask that ran into a limit may have left something.
        _entries.Clear();
        _tokens.Clear();
        _parts.Clear();
        foreach (var thread in threads)
        {
            foreach (var part in automaton.Lexer.Parts(thread.Lexer))
            {
                // What lies beyond the longest token concerns no token.
                _parts.Add(thread with { Lexer = automaton.Lexer.WithinReach(part, tables.Trie.MaxDepth) });
            }
        }

        var key = new ThreadSet([.. _parts]);
        if (!_known.TryGetValue(key, out var mask))
        {
            mask = Combine(threads);
            if (HasRoom)
            {
                _bytes += (mask.IsSparse ? mask.Count : tables.Words) * sizeof(int);
                _known.Add(key, mask);
            }
        }

        return mask;
    }

    private TokenMask Combine(ReadOnlySpan<ReadingThread> threads)
    {
        TokenMask? only = null;
        foreach (var part in _parts)
        {
            var lexeme = _lexemes[part.Lexer];
            if (_parts.Count == 1)
            {
                only = lexeme.Inside;
            }
            else
            {
                _tokens.Add(lexeme.Inside);
            }

            AddEntries(part.Parser, lexeme.ShortBoundaries);
            AddEntries(part.Parser, lexeme.LongBoundaries);
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

    // Merges boundaries, which are ascending, with those that are there.
    private void AddEntries(int parser, (int Node, int Marks)[] boundaries)
    {
        if (boundaries.Length == 0)
        {
            return;
        }

        _merged.Clear();
        var taken = 0;
        var last = (Marks: -1, Thread: default(ReadingThread));
        foreach (var (node, marks) in boundaries)
        {
            while (taken < _entries.Count && _entries[taken].Node <= node)
            {
                _merged.Add(_entries[taken++]);
            }

            if (marks != last.Marks)
            {
                last = (marks, automaton.After(parser, marks));
            }

            _merged.Add((node, last.Thread));
        }

        _merged.AddRange(CollectionsMarshal.AsSpan(_entries)[taken..]);
        (_entries, _merged) = (_merged, _entries);
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
