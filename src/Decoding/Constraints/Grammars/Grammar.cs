using System.Runtime.InteropServices;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Grammars;

/// <summary>
/// The intermediate form of all front ends: a context-free grammar over lexemes (regular languages over bytes) and
/// control tokens. A text is of the language when it is a sequence of matches of lexemes that the rules derive. There
/// is no longest match and no priority: every way to cut the bytes into lexemes counts, so a lexeme may be a prefix of
/// another, equal to it, or empty, without changing the language. Rules may be recursive on either side and empty.
/// A builder; not thread-safe.
/// </summary>
/// <remarks>
/// Each rule may carry one parameter of 64 bits: an alternative may ask for values of it (<see cref="Guard"/>), and a
/// call hands it on changed (<see cref="Call"/>): counters and sets of bits that are not unrolled. A rule called
/// without a change has the parameter 0. The parameters must leave a way to finish from everything they allow: a rule
/// that its guards lock up for good is a dead end that is noticed only where no guard can ever allow it.
/// <para>Speed: fewer, larger lexemes are better than many small ones (<c>"name": </c> is best one lexeme, and so is
/// anything regular that has no counted parts of its own).</para>
/// </remarks>
internal sealed partial class Grammar(RegexSet regexes)
{
    private readonly List<(SymbolKind Kind, int Index, ParameterChange Change)> _symbols = [];
    private readonly List<(string Name, List<Alternative> Alternatives)> _rules = [];
    private readonly List<int[]> _tokenSets = [];
    private readonly Dictionary<Regex, Symbol> _lexemes = [];
    private readonly Dictionary<int, Loop> _loops = [];

    /// <summary>Where the lexemes live.</summary>
    public RegexSet Regexes => regexes;

    /// <summary>What the whole text is.</summary>
    public Symbol Start { get; set; } = new(-1);

    /// <summary>What derives the empty text.</summary>
    public Symbol Nothing => Lexeme(regexes.Empty);

    /// <summary>How many rules there are.</summary>
    public int RuleCount => _rules.Count;

    /// <summary>How many symbols there are.</summary>
    public int SymbolCount => _symbols.Count;

    /// <summary>Bytes of a regular language; the same symbol for the same regex.</summary>
    public Symbol Lexeme(Regex regex)
    {
        ref var symbol = ref CollectionsMarshal.GetValueRefOrAddDefault(_lexemes, regex, out var known);
        if (!known)
        {
            symbol = AddSymbol(SymbolKind.Lexeme, regex.Id, default);
        }

        return symbol;
    }

    /// <summary>Exactly this text.</summary>
    public Symbol Text(string text) => Lexeme(regexes.Literal(text));

    /// <summary>One of these tokens as itself, whatever its bytes: the only way to a control token.</summary>
    public Symbol Tokens(params ReadOnlySpan<int> tokens)
    {
        int[] sorted = [.. tokens.ToArray().Distinct().Order()];
        _tokenSets.Add(sorted);
        return AddSymbol(SymbolKind.Tokens, _tokenSets.Count - 1, default);
    }

    /// <summary>A new rule, without alternatives as yet. A rule that never gets any derives nothing.</summary>
    /// <param name="name">For error messages.</param>
    public Symbol Rule(string name)
    {
        _rules.Add((name, []));
        return AddSymbol(SymbolKind.Rule, _rules.Count - 1, default);
    }

    /// <summary>A call of a rule with a parameter made of the caller's.</summary>
    public Symbol Call(Symbol rule, ParameterChange change) => AddSymbol(SymbolKind.Rule, RuleIndex(rule), change);

    /// <summary>Adds an alternative to a rule: the symbols in sequence, none for the empty text.</summary>
    public void Add(Symbol rule, params ReadOnlySpan<Symbol> symbols) => Add(rule, Guard.Always, symbols);

    /// <summary>Adds an alternative that applies only where its guard allows the rule's parameter.</summary>
    public void Add(Symbol rule, Guard guard, params ReadOnlySpan<Symbol> symbols) =>
        _rules[RuleIndex(rule)].Alternatives.Add(new Alternative(guard, symbols.ToArray()));

    /// <summary>What a symbol is: for a lexeme the regex id, for tokens the index of their set, for a rule its index and change.</summary>
    public (SymbolKind Kind, int Index, ParameterChange Change) this[Symbol symbol] => _symbols[symbol.Id];

    /// <summary>The alternatives of a rule.</summary>
    public IReadOnlyList<Alternative> Alternatives(int rule) => _rules[rule].Alternatives;

    /// <summary>The loop that a rule of <see cref="Repeat"/> is, or null.</summary>
    public Loop? LoopOf(int rule) => _loops.TryGetValue(rule, out var loop) ? loop : null;

    /// <summary>The name of a rule.</summary>
    public string Name(int rule) => _rules[rule].Name;

    /// <summary>The tokens of a set, ascending.</summary>
    public int[] TokenSet(int index) => _tokenSets[index];

    private int RuleIndex(Symbol rule)
    {
        var (kind, index, _) = _symbols[rule.Id];
        return kind == SymbolKind.Rule ? index : throw new ArgumentException("The symbol is no rule.", nameof(rule));
    }

    private Symbol AddSymbol(SymbolKind kind, int index, ParameterChange change)
    {
        _symbols.Add((kind, index, change));
        return new Symbol(_symbols.Count - 1);
    }
}

/// <summary>One way to derive a rule.</summary>
/// <param name="Guard">The parameters of the rule that it applies to.</param>
/// <param name="Symbols">The symbols in sequence.</param>
internal readonly record struct Alternative(Guard Guard, Symbol[] Symbols);

/// <summary>A rule that repeats a symbol; its parameter counts.</summary>
/// <param name="Item">What repeats.</param>
/// <param name="Separator">What stands between two, or null.</param>
/// <param name="Min">The least number of items.</param>
/// <param name="Max">The largest number of items; <see cref="int.MaxValue"/> for no bound.</param>
internal readonly record struct Loop(Symbol Item, Symbol? Separator, int Min, int Max);
