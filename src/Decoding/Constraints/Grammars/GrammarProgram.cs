using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Grammars;

/// <summary>
/// A grammar made ready for the parser: unproductive and unreachable parts pruned, alternatives laid out as a row of
/// positions, and for each rule whether it can be empty and how it stands in the order of calls at the left edge.
/// Immutable.
/// </summary>
internal sealed class GrammarProgram
{
    private readonly Step[] _steps;
    private readonly RuleInfo[] _rules;

    private GrammarProgram(Step[] steps, RuleInfo[] rules, Regex[] lexemes, int[][] tokenSets, int start)
    {
        _steps = steps;
        _rules = rules;
        Lexemes = lexemes;
        TokenSets = tokenSets;
        Start = start;
    }

    /// <summary>The position before the start symbol.</summary>
    public int Start { get; }

    /// <summary>The position at which the text may end. It follows the start symbol, or is the start where nothing is derived but the empty text.</summary>
    public int Accept => _steps[Start].Kind == StepKind.End ? Start : Start + 1;

    /// <summary>The regex of each lexeme.</summary>
    public Regex[] Lexemes { get; }

    /// <summary>The tokens of each set, ascending.</summary>
    public int[][] TokenSets { get; }

    /// <summary>Positions there are.</summary>
    public int Count => _steps.Length;

    /// <summary>What stands at a position.</summary>
    public ref readonly Step this[int position] => ref _steps[position];

    /// <summary>A rule.</summary>
    public ref readonly RuleInfo Rule(int rule) => ref _rules[rule];

    /// <summary>Lays out a grammar.</summary>
    /// <exception cref="UnsatisfiableConstraintException">The grammar derives nothing.</exception>
    public static GrammarProgram Create(Grammar grammar)
    {
        var layout = new GrammarLayout(grammar);
        var (steps, rules, lexemes, tokenSets, start) = layout.Build();
        return new GrammarProgram(steps, rules, lexemes, tokenSets, start);
    }
}

/// <summary>What stands at a position.</summary>
internal enum StepKind : byte
{
    /// <summary>The end of an alternative.</summary>
    End,

    /// <summary>A lexeme.</summary>
    Lexeme,

    /// <summary>A set of tokens.</summary>
    Tokens,

    /// <summary>A call of a rule.</summary>
    Call,
}

/// <summary>A position of an alternative.</summary>
/// <param name="Kind">What stands there.</param>
/// <param name="MayBeSkipped">Whether it may match the empty text; for a rule with guards only the parameter tells.</param>
/// <param name="Index">The lexeme, token set or rule.</param>
/// <param name="Change">The parameter handed to a rule.</param>
internal readonly record struct Step(StepKind Kind, bool MayBeSkipped, int Index, ParameterChange Change);

/// <summary>A rule of a <see cref="GrammarProgram"/>.</summary>
/// <param name="Alternatives">Where its alternatives start, and when they apply.</param>
/// <param name="Rank">Rules that this one calls at its left edge have a higher rank, or the same where it is left-recursive.</param>
/// <param name="IsLeftRecursive">Whether the rule may call itself at its left edge.</param>
/// <param name="MayBeEmpty">Whether it may derive the empty text, guards left aside.</param>
/// <param name="IsGuarded">Whether guards decide about that, here or in a rule called on the way.</param>
/// <param name="IsLoop">Whether the rule is one of <see cref="Grammar.Repeat"/>.</param>
/// <param name="ReachesGuards">Whether guards of a rule that is no loop decide about how it can be finished, here or further on.</param>
internal readonly record struct RuleInfo(
    (Guard Guard, int Position)[] Alternatives,
    int Rank,
    bool IsLeftRecursive,
    bool MayBeEmpty,
    bool IsGuarded,
    bool IsLoop,
    bool ReachesGuards);
