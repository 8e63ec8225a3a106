using System.Runtime.InteropServices;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Parsing;

/// <summary>
/// A parser for any context-free grammar whose states are interned. A state is a list of items; where an alternative
/// ends, an item names the list of items to go on with, which is again interned: what matters of the way here, and no
/// position in the text. States reached on different ways are therefore one, and <see cref="Advance"/> converges to a
/// lazily built automaton. Not thread-safe; ids stay valid and what they stand for never changes.
/// </summary>
/// <remarks>
/// Earley (1970) with the origin of an item replaced by the continuations that the origin's state held for the rule:
/// a graph-structured stack (Tomita 1985) that is hash-consed. A call at the end of an alternative passes the caller's
/// own continuations on, so right recursion needs no stack (Leo 1991). Continuations of a rule that calls itself at its
/// left edge would contain themselves, so those are named by (state, rule, parameter) instead of by content.
/// </remarks>
internal sealed class Parser
{
    private readonly GrammarProgram _program;
    private readonly RegexSet _regexes;
    private readonly Lexer _lexer;
    private readonly ItemLists _lists;
    private readonly Closure _closure;
    private readonly Emptiness _emptiness;
    private readonly List<ParserState?> _states = [];
    private readonly Dictionary<(int State, int Marks), int> _advanced = [];
    private readonly Dictionary<(int X, int Y), int> _unions = [];
    private readonly Dictionary<ChildList, int> _startStates = [];
    private readonly List<Item> _scratch = [];
    private readonly HashSet<Item> _seen = [];

    public Parser(GrammarProgram program, RegexSet regexes, Lexer lexer, ConstraintLimits limits)
    {
        _program = program;
        _regexes = regexes;
        _lexer = lexer;
        _lists = new ItemLists(limits);
        _emptiness = new Emptiness(program);
        var productivity = new Productivity(program);
        if (!productivity.CanFinish(program.Start, 0))
        {
            throw new UnsatisfiableConstraintException("No text fulfils the constraint.");
        }

        _closure = new Closure(program, _lists, _emptiness, productivity);
        var root = _lists.Intern([]);
        _scratch.Add(new Item(program.Start, root, 0));
        Start = Complete();
    }

    /// <summary>The state before the text.</summary>
    public int Start { get; }

    /// <summary>States and continuations so far.</summary>
    public int Count => _lists.Count;

    /// <summary>Items of all of them.</summary>
    public int ItemCount => _lists.ItemCount;

    /// <summary>What a state expects.</summary>
    public ParserState this[int state]
    {
        get
        {
            while (_states.Count <= state)
            {
                _states.Add(null);
            }

            return _states[state] ??= Expand(state);
        }
    }

    /// <summary>The state after any of the lexemes of an id of <see cref="Lexer.MarksOf"/> that the state expects.</summary>
    public int Advance(int state, int marks)
    {
        if (_advanced.TryGetValue((state, marks), out var next))
        {
            return next;
        }

        var expected = this[state];
        _scratch.Clear();
        foreach (var mark in _lexer.Marks(marks))
        {
            if (mark > 0)
            {
                _scratch.AddRange(expected.After(mark - 1));
            }
        }

        return _advanced[(state, marks)] = Complete();
    }

    /// <summary>The state that expects what either of two expects.</summary>
    public int Union(int x, int y)
    {
        if (x == y)
        {
            return x;
        }

        var key = (Math.Min(x, y), Math.Max(x, y));
        if (!_unions.TryGetValue(key, out var union))
        {
            _scratch.Clear();
            _scratch.AddRange(_lists[x]);
            _scratch.AddRange(_lists[y]);
            _unions[key] = union = _lists.Intern(_scratch);
        }

        return union;
    }

    /// <summary>The state after a token that the state expects as itself; -1 where it does not.</summary>
    public int AdvanceToken(int state, int token)
    {
        _scratch.Clear();
        foreach (var (set, item) in this[state].Tokens)
        {
            if (Array.BinarySearch(_program.TokenSets[set], token) >= 0)
            {
                _scratch.Add(item);
            }
        }

        return _scratch.Count == 0 ? -1 : Complete();
    }

    /// <summary>The tokens of a set of <see cref="ParserState.Tokens"/>.</summary>
    public int[] TokenSet(int set) => _program.TokenSets[set];

    // Takes the items in _scratch past ends of alternatives and past what may be empty.
    private int Complete()
    {
        _seen.Clear();
        var kept = 0;
        for (var i = 0; i < _scratch.Count; i++)
        {
            var item = _scratch[i];
            if (!_seen.Add(item))
            {
                continue;
            }

            ref readonly var step = ref _program[item.Position];
            if (step.Kind == StepKind.End && item.Position != _program.Accept)
            {
                foreach (var next in _lists[item.Return])
                {
                    _scratch.Add(next);
                }

                continue;
            }

            if (step.MayBeSkipped && _emptiness.MayBeSkipped(step, item.Parameter))
            {
                _scratch.Add(item with { Position = item.Position + 1 });
            }

            _scratch[kept++] = item;
        }

        _scratch.RemoveRange(kept, _scratch.Count - kept);
        return _lists.Intern(_scratch);
    }

    private ParserState Expand(int state)
    {
        var expected = _closure.Expand(state);
        var isBoundary = expected.Accepts || expected.Tokens.Length > 0;
        var key = new ChildList(isBoundary ? [-1, .. expected.Lexemes] : expected.Lexemes);
        if (!_startStates.TryGetValue(key, out var start))
        {
            var parts = new List<Regex>(key.Ids.Length);
            foreach (var lexeme in key.Ids)
            {
                parts.Add(lexeme < 0 ? _regexes.Mark(0) : _regexes.Concat(_program.Lexemes[lexeme], _regexes.Mark(lexeme + 1)));
            }

            start = _lexer.State(_regexes.Or(CollectionsMarshal.AsSpan(parts)));
            _startStates.Add(key, start);
        }

        expected.LexerStart = start;
        return expected;
    }
}
