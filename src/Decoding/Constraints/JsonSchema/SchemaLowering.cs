using System.Runtime.InteropServices;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>
/// Turns terms into rules of a grammar: scalars become one lexeme, arrays and objects chains of rules in which what is
/// optional shares its tail.
/// </summary>
internal sealed partial class SchemaLowering
{
    private readonly SchemaTerms _terms;
    private readonly SchemaContext _context;
    private readonly Grammar _grammar;
    private readonly JsonSchemaOptions _options;
    private readonly Term _root;
    private readonly Dictionary<Term, Symbol> _values = [];
    private readonly Queue<(Symbol Rule, Term Term)> _open = [];
    private readonly Regex _space;
    private readonly Symbol _openObject;
    private readonly Symbol _closeObject;
    private readonly Symbol _closeEmptyObject;
    private readonly Symbol _openArray;
    private readonly Symbol _closeArray;
    private readonly Symbol _closeEmptyArray;
    private readonly Symbol _comma;

    private SchemaLowering(Term root, SchemaTerms terms, SchemaContext context, Grammar grammar, JsonSchemaOptions options)
    {
        (_root, _terms, _context, _grammar, _options) = (root, terms, context, grammar, options);
        var set = context.Regexes;
        _space = options.Whitespace switch
        {
            JsonWhitespace.None => set.Empty,
            JsonWhitespace.Space => set.Optional(set.Literal(" ")),
            _ => set.Or(set.Empty, set.Literal(" "), set.Concat(set.Literal("\n"), set.Repeat(set.AnyOf(" \t"u8), 0, 32))),
        };
        _openObject = Token("{", before: false);
        _closeObject = Token("}", after: false);
        _closeEmptyObject = Token("}", before: false, after: false);
        _openArray = Token("[", before: false);
        _closeArray = Token("]", after: false);
        _closeEmptyArray = Token("]", before: false, after: false);
        _comma = Token(",");
    }

    private RegexSet Set => _context.Regexes;

    /// <summary>Makes a term the start of a grammar.</summary>
    public static void Lower(Term root, SchemaTerms terms, SchemaContext context, Grammar grammar, JsonSchemaOptions options)
    {
        var lowering = new SchemaLowering(root, terms, context, grammar, options);
        grammar.Start = lowering.Value(root);
        while (lowering._open.TryDequeue(out var next))
        {
            lowering.AddAlternatives(next.Rule, next.Term);
        }
    }

    private Symbol Value(Term term)
    {
        ref var symbol = ref CollectionsMarshal.GetValueRefOrAddDefault(_values, term, out var known);
        if (!known)
        {
            _context.Fuel.Spend(2);
            symbol = _grammar.Rule("value");
            _open.Enqueue((symbol, term));
        }

        return symbol;
    }

    private void AddAlternatives(Symbol rule, Term term)
    {
        var (scalars, arrays, objects) = _terms.Expand(term);
        var lexeme = Scalars(scalars);
        if (!_context.IsEmpty(lexeme))
        {
            _grammar.Add(rule, _grammar.Lexeme(lexeme));
        }

        foreach (var array in arrays)
        {
            AddArray(rule, array);
        }

        foreach (var shape in objects)
        {
            AddObject(rule, shape, term == _root ? _options.MaxUndeclaredAtRoot : int.MaxValue);
        }
    }

    private Regex Scalars(ScalarForm form)
    {
        var parts = new List<Regex>();
        AddConstant(JsonConstants.Null, "null");
        AddConstant(JsonConstants.False, "false");
        AddConstant(JsonConstants.True, "true");
        parts.Add(_context.Numbers.Language(form.Number, _options.PlainNumbers));
        parts.Add(Set.Concat(Set.Literal("\""), form.Text, Set.Literal("\"")));
        return Set.Or(CollectionsMarshal.AsSpan(parts));

        void AddConstant(JsonConstants constant, string text)
        {
            if (form.Constants.HasFlag(constant))
            {
                parts.Add(Set.Literal(text));
            }
        }
    }

    private Symbol Token(string text, bool before = true, bool after = true) => _grammar.Lexeme(
        Set.Concat(before ? _space : Set.Empty, Set.Literal(text), after ? _space : Set.Empty));

    // A key with its colon, and the comma before it where it is not the first.
    private Symbol Key(Regex content, bool isFirst) => _grammar.Lexeme(Set.Concat(
        isFirst ? Set.Empty : Set.Concat(_space, Set.Literal(","), _space),
        Set.Literal("\""),
        content,
        Set.Literal("\""),
        _space,
        Set.Literal(":"),
        _space));
}
