using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Gbnf;

/// <summary>
/// Turns the rules of a GBNF grammar into a <see cref="Grammar"/>. Whatever is regular, rules included, becomes one
/// lexeme, so that characters and white space are read by the lexer.
/// </summary>
internal sealed class GbnfLowering
{
    private readonly GbnfParser _parser;
    private readonly Dictionary<string, GbnfNode> _rules;
    private readonly Vocabulary _vocabulary;
    private readonly RegexSet _set;
    private readonly Grammar _grammar;
    private readonly Dictionary<string, Regex?> _regular = [];
    private readonly Dictionary<string, Symbol> _symbols = [];
    private readonly Queue<string> _open = new();

    private GbnfLowering(GbnfParser parser, Vocabulary vocabulary, ConstraintLimits? limits)
    {
        _parser = parser;
        _vocabulary = vocabulary;
        _rules = parser.Parse();
        _set = new RegexSet(limits);
        _grammar = new Grammar(_set);
    }

    /// <summary>Reads a grammar.</summary>
    /// <exception cref="FormatException">The text is no grammar, or a rule is not defined.</exception>
    public static Grammar Lower(string source, string root, Vocabulary vocabulary, ConstraintLimits? limits)
    {
        var parser = new GbnfParser(source, vocabulary);
        var lowering = new GbnfLowering(parser, vocabulary, limits);
        if (!lowering._rules.ContainsKey(root))
        {
            throw new FormatException($"The grammar has no rule '{root}'.");
        }

        lowering._grammar.Start = lowering.Rule(root, 0);
        while (lowering._open.TryDequeue(out var name))
        {
            lowering.AddAlternatives(lowering._symbols[name], lowering._rules[name]);
        }

        return lowering._grammar;
    }

    private void AddAlternatives(Symbol rule, GbnfNode node)
    {
        foreach (var alternative in node is GbnfNode.Choice choice ? choice.Items : [node])
        {
            _grammar.Add(rule, CollectionsMarshal.AsSpan(Symbols(alternative)));
        }
    }

    // Parts of a sequence that are regular by themselves and stand side by side become one lexeme; rules stay apart, as
    // they come up elsewhere too.
    private List<Symbol> Symbols(GbnfNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var symbols = new List<Symbol>();
        var lexeme = _set.Empty;
        foreach (var item in node is GbnfNode.Sequence sequence ? sequence.Items : [node])
        {
            if (item is not GbnfNode.Reference && Regular(item) is { } regex)
            {
                lexeme = _set.Concat(lexeme, regex);
                continue;
            }

            Flush();
            symbols.Add(SymbolOf(item));
        }

        Flush();
        return symbols;

        void Flush()
        {
            if (lexeme != _set.Empty)
            {
                symbols.Add(_grammar.Lexeme(lexeme));
                lexeme = _set.Empty;
            }
        }
    }

    private Symbol SymbolOf(GbnfNode node)
    {
        switch (node)
        {
            case GbnfNode.Reference reference:
                return Rule(reference.Name, reference.Offset);
            case GbnfNode.Token token:
                return _grammar.Tokens(token.IsNegated ? AllBut(token.Id) : [token.Id]);
            case GbnfNode.Repeat repeat:
                return _grammar.Repeat(_grammar.Sequence(CollectionsMarshal.AsSpan(Symbols(repeat.Item))), repeat.Min, repeat.Max);
            default:
                var rule = _grammar.Rule("group");
                AddAlternatives(rule, node);
                return rule;
        }
    }

    private Symbol Rule(string name, int offset)
    {
        if (!_symbols.TryGetValue(name, out var symbol))
        {
            if (Regular(new GbnfNode.Reference(name, offset)) is { } regex)
            {
                symbol = _grammar.Lexeme(regex);
            }
            else
            {
                symbol = _grammar.Rule(name);
                _open.Enqueue(name);
            }

            _symbols[name] = symbol;
        }

        return symbol;
    }

    private int[] AllBut(int id) =>
        [.. Enumerable.Range(0, _vocabulary.Count).Where(token => token != id
            && !_vocabulary.IsEndOfGeneration(token)
            && !_vocabulary.Kinds(token).HasFlag(TokenKinds.Unused))];

    // The regex of an expression without tokens and without recursion; null for any other.
    private Regex? Regular(GbnfNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case GbnfNode.Text text:
                return _set.Literal(text.Value);
            case GbnfNode.CodePoint { IsNegated: false } point:
                return _set.CodePoints(point.Ranges);
            case GbnfNode.CodePoint point:
                return _set.CodePoints(Complement(point.Ranges));
            case GbnfNode.Repeat repeat:
                return Regular(repeat.Item) is { } body ? _set.Repeat(body, repeat.Min, repeat.Max) : null;
            case GbnfNode.Sequence sequence:
                return All(sequence.Items) is { } parts ? _set.Concat(parts) : null;
            case GbnfNode.Choice choice:
                return All(choice.Items) is { } options ? _set.Or(options) : null;
            case GbnfNode.Reference reference:
                if (!_rules.TryGetValue(reference.Name, out var rule))
                {
                    throw _parser.Error($"there is no rule '{reference.Name}'", reference.Offset);
                }

                if (!_regular.TryGetValue(reference.Name, out var known))
                {
                    // While the rule is looked at, a reference to it is recursion, and so not regular.
                    _regular[reference.Name] = null;
                    _regular[reference.Name] = known = Regular(rule);
                }

                return known;
            default:
                return null;
        }
    }

    private Regex[]? All(GbnfNode[] items)
    {
        // All are looked at, so that every reference is checked.
        var regexes = Array.ConvertAll(items, Regular);
        return Array.Exists(regexes, static r => r is null) ? null : Array.ConvertAll(regexes, static r => r!.Value);
    }

    private static (int Low, int High)[] Complement((int Low, int High)[] ranges)
    {
        var gaps = new List<(int Low, int High)>();
        var next = 0;
        foreach (var (low, high) in Utf8.Normalise(ranges))
        {
            gaps.Add((next, low - 1));
            next = high + 1;
        }

        gaps.Add((next, 0x10FFFF));
        return [.. gaps.Where(static gap => gap.Low <= gap.High)];
    }
}
