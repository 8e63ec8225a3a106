using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Grammars;

/// <summary>Builds a <see cref="GrammarProgram"/>.</summary>
internal sealed class GrammarLayout
{
    private static readonly ParameterField Count = new(0, 32);

    private readonly Grammar _grammar;
    private readonly RegexSet _regexes;
    private readonly bool[] _productive;
    private readonly bool[] _mayBeEmpty;
    private readonly List<Step> _steps = [];
    private readonly List<Regex> _lexemes = [];
    private readonly List<int[]> _tokenSets = [];
    private readonly Dictionary<int, int> _lexemeIds = [];
    private readonly Dictionary<int, int> _tokenSetIds = [];
    private readonly Dictionary<int, bool> _emptyRegexes = [];
    private readonly Dictionary<int, int> _ruleIds = [];
    private readonly Queue<int> _reached = new();

    public GrammarLayout(Grammar grammar)
    {
        if (grammar.Start.Id < 0)
        {
            throw new ArgumentException("The grammar has no start symbol.", nameof(grammar));
        }

        _grammar = grammar;
        _regexes = grammar.Regexes;
        _productive = Derivations.Of(grammar, IsMatchable, tokens: true);
        _mayBeEmpty = Derivations.Of(grammar, _regexes.IsNullable, tokens: false);
    }

    public (Step[] Steps, RuleInfo[] Rules, Regex[] Lexemes, int[][] TokenSets, int Start) Build()
    {
        if (!IsProductive(_grammar.Start))
        {
            throw new UnsatisfiableConstraintException("No text fulfils the constraint.");
        }

        var start = Place(StepOf(_grammar.Start));
        var alternatives = new List<(Guard Guard, int Position)[]>();
        var loops = new List<bool>();
        while (_reached.TryDequeue(out var rule))
        {
            loops.Add(_grammar.LoopOf(rule) is not null);
            alternatives.Add(_grammar.LoopOf(rule) is { } loop ? PlaceLoop(rule, loop) : PlaceAlternatives(rule));
        }

        Step[] steps = [.. _steps];
        var rules = LeftCalls.Analyse(steps, alternatives, loops);
        return (steps, rules, [.. _lexemes], [.. _tokenSets], start);
    }

    private (Guard Guard, int Position)[] PlaceAlternatives(int rule)
    {
        var placed = new List<(Guard, int)>();
        foreach (var (guard, symbols) in _grammar.Alternatives(rule))
        {
            if (Array.TrueForAll(symbols, IsProductive))
            {
                placed.Add((guard, Place(Array.ConvertAll(symbols, StepOf))));
            }
        }

        return [.. placed];
    }

    // An iteration that reads nothing would count without end, so all but the first must read something. Where that
    // leaves out iterations that the minimum asks for, because they may all be empty, there is no minimum.
    private (Guard Guard, int Position)[] PlaceLoop(int rule, Loop loop)
    {
        var emptyRounds = MayBeEmpty(loop.Item) && (loop.Separator is not { } s || MayBeEmpty(s));
        var min = emptyRounds ? 0 : (ulong)loop.Min;
        var bounded = loop.Max != int.MaxValue;
        var placed = new List<(Guard, int)> { (Guard.Within(Count, min), Place()) };
        if (loop.Max == 0 || !IsProductive(loop.Item))
        {
            return [.. placed];
        }

        var change = ParameterChange.Count(Count, bounded ? (ulong)loop.Max : Math.Max(min, 1));
        var more = new Step(StepKind.Call, true, RuleId(rule), change);
        var item = StepOf(loop.Item);
        placed.Add((Guard.Within(Count, 0, 0), Place(item, more)));
        if (loop.Max == 1 || (loop.Separator is { } between && !IsProductive(between)))
        {
            return [.. placed];
        }

        var again = Guard.Within(Count, 1, bounded ? (ulong)loop.Max - 1 : ulong.MaxValue);
        var filledItem = item with { MayBeSkipped = false };
        if (loop.Separator is not { } separator)
        {
            placed.Add((again, Place(filledItem, more)));
            return [.. placed];
        }

        var gap = StepOf(separator);
        placed.Add((again, Place(gap with { MayBeSkipped = gap.MayBeSkipped && !emptyRounds }, item, more)));
        if (emptyRounds)
        {
            placed.Add((again, Place(gap, filledItem, more)));
        }

        return [.. placed];
    }

    private Step StepOf(Symbol symbol)
    {
        var (kind, index, change) = _grammar[symbol];
        return kind switch
        {
            SymbolKind.Lexeme => new Step(StepKind.Lexeme, MayBeEmpty(symbol), IdOf(_lexemeIds, _lexemes, index, new Regex(index)), default),
            SymbolKind.Tokens => new Step(StepKind.Tokens, false, IdOf(_tokenSetIds, _tokenSets, index, _grammar.TokenSet(index)), default),
            _ => new Step(StepKind.Call, MayBeEmpty(symbol), RuleId(index), change),
        };
    }

    private int Place(params ReadOnlySpan<Step> steps)
    {
        var position = _steps.Count;
        foreach (var step in steps)
        {
            if (step.Kind != StepKind.Lexeme || _lexemes[step.Index] != _regexes.Empty)
            {
                _steps.Add(step);
            }
        }

        _steps.Add(new Step(StepKind.End, false, 0, default));
        return position;
    }

    private int RuleId(int rule)
    {
        if (!_ruleIds.TryGetValue(rule, out var id))
        {
            _ruleIds[rule] = id = _ruleIds.Count;
            _reached.Enqueue(rule);
        }

        return id;
    }

    private static int IdOf<T>(Dictionary<int, int> ids, List<T> values, int key, T value)
    {
        if (!ids.TryGetValue(key, out var id))
        {
            ids[key] = id = values.Count;
            values.Add(value);
        }

        return id;
    }

    private bool IsProductive(Symbol symbol) => Derivations.Holds(_grammar, symbol, _productive, IsMatchable, tokens: true);

    private bool MayBeEmpty(Symbol symbol) => Derivations.Holds(_grammar, symbol, _mayBeEmpty, _regexes.IsNullable, tokens: false);

    private bool IsMatchable(Regex regex)
    {
        if (!_emptyRegexes.TryGetValue(regex.Id, out var empty))
        {
            _emptyRegexes[regex.Id] = empty = _regexes.IsEmpty(regex);
        }

        return !empty;
    }
}
