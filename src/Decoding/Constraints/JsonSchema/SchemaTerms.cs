using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>Where a keyword stands, for reports.</summary>
internal readonly record struct KeywordOrigin(string JsonPointer, string Keyword);

/// <summary>
/// The schema algebra: hash-consed sets of JSON values, closed under intersection, union and complement. A schema is a
/// term by name, so recursion is a cycle of names; <see cref="Shapes"/> and <see cref="Scalars"/> expand a term by one
/// level, and the terms that appear below are combinations of finitely many names again (the derivative idea of
/// alternating tree automata).
/// </summary>
internal sealed partial class SchemaTerms
{
    private const int MaxShapes = 200;

    private enum Kind : byte
    {
        False,
        True,
        Opaque,
        Atom,
        Location,
        And,
        Or,
        OneOf,
        Unevaluated,
        Not,
    }

    private readonly List<(Kind Kind, int Index, Term[] Children, KeywordOrigin Origin)> _terms = [];
    private readonly Dictionary<(Kind Kind, ChildList Children), Term> _known = [];
    private readonly Dictionary<string, Term> _byLocation = new(StringComparer.Ordinal);
    private readonly List<(ValueForm Fulfilling, Lazy<ScalarForm> Breaking)> _atoms = [];
    private readonly List<SchemaLocation> _locations = [];
    private readonly Dictionary<Term, Term> _definitions = [];
    private readonly HashSet<Term> _defining = [];
    private readonly Dictionary<Term, ScalarForm> _scalars = [];
    private readonly Dictionary<Term, (ImmutableArray<ArrayShape> Arrays, ImmutableArray<ObjectShape> Objects)> _shapes = [];
    private readonly SchemaContext _context;

    /// <summary>Makes an algebra without terms.</summary>
    public SchemaTerms(SchemaContext context)
    {
        _context = context;
        Add(Kind.False, 0, [], default);
        Add(Kind.True, 0, [], default);
        Opaque = Add(Kind.Opaque, 0, [], default);
        AnyArray = new ArrayShape { Rest = Term.True };
        AnyObject = new ObjectShape { Others = [new KeyClass(context.Keys, Term.True, Evaluated: false)] };
        AllScalars = new ScalarForm(JsonConstants.All, context.Numbers.All, context.Text.AnyText);
        NoScalars = new ScalarForm(JsonConstants.None, context.Numbers.None, context.Regexes.Nothing);
    }

    /// <summary>A set of which nothing is known: a keyword that is not enforced. Its complement is as little known.</summary>
    public Term Opaque { get; }

    /// <summary>Every array.</summary>
    public ArrayShape AnyArray { get; }

    /// <summary>Every object.</summary>
    public ObjectShape AnyObject { get; }

    /// <summary>Every null, boolean, number and string.</summary>
    public ScalarForm AllScalars { get; }

    /// <summary>No scalar.</summary>
    public ScalarForm NoScalars { get; }

    /// <summary>Whether choices must keep apart what each alternative has evaluated.</summary>
    public bool TracksEvaluation { get; set; }

    /// <summary>What a schema location means, given by the reader of keywords.</summary>
    public required Func<SchemaLocation, Term> Define { private get; init; }

    /// <summary>The values that a schema allows.</summary>
    public Term At(SchemaLocation location)
    {
        ref var term = ref CollectionsMarshal.GetValueRefOrAddDefault(_byLocation, location.Pointer, out var known);
        if (!known)
        {
            _locations.Add(location);
            term = Add(Kind.Location, _locations.Count - 1, [], new KeywordOrigin(location.Pointer, ""));
        }

        return term;
    }

    /// <summary>A set given by its parts, and the scalars known not to belong to it.</summary>
    public Term Atom(ValueForm fulfilling, Func<ScalarForm> breaking)
    {
        _atoms.Add((fulfilling, new Lazy<ScalarForm>(breaking)));
        return Add(Kind.Atom, _atoms.Count - 1, [], default);
    }

    /// <summary>The values of all terms.</summary>
    public Term And(params ReadOnlySpan<Term> terms) => Combine(Kind.And, Term.True, Term.False, terms, default);

    /// <summary>The values of any term.</summary>
    public Term Or(params ReadOnlySpan<Term> terms) => Or(default, terms);

    /// <summary>The values of any term, as a keyword asks.</summary>
    public Term Or(KeywordOrigin origin, params ReadOnlySpan<Term> terms)
    {
        if (!TracksEvaluation || terms.Length is < 2 or > 4)
        {
            return Combine(Kind.Or, Term.False, Term.True, terms, origin);
        }

        // What several alternatives evaluate together only counts where they hold together.
        var subsets = new List<Term>();
        for (var mask = 1; mask < 1 << terms.Length; mask++)
        {
            var subset = new List<Term>();
            for (var i = 0; i < terms.Length; i++)
            {
                if ((mask >> i & 1) != 0)
                {
                    subset.Add(terms[i]);
                }
            }

            subsets.Add(And(CollectionsMarshal.AsSpan(subset)));
        }

        return Combine(Kind.Or, Term.False, Term.True, CollectionsMarshal.AsSpan(subsets), origin);
    }

    /// <summary>The values of exactly one term.</summary>
    public Term OneOf(KeywordOrigin origin, params ReadOnlySpan<Term> terms)
    {
        List<Term> some = [.. terms.ToArray().Where(t => t != Term.False)];
        return some.Count switch
        {
            0 => Term.False,
            1 => some[0],
            _ => Add(Kind.OneOf, 0, [.. some], origin),
        };
    }

    /// <summary>The values of a term, where its objects' and arrays' unevaluated parts have the given values.</summary>
    public Term Unevaluated(Term inner, Term properties, Term items) =>
        properties == Term.True && items == Term.True ? inner : Add(Kind.Unevaluated, 0, [inner, properties, items], default);

    /// <summary>All other values.</summary>
    public Term Not(Term term) => Not(_terms[term.Id].Origin, term);

    /// <summary>All other values, as a keyword asks.</summary>
    public Term Not(KeywordOrigin origin, Term term)
    {
        var (kind, _, children, _) = _terms[term.Id];
        switch (kind)
        {
            case Kind.False:
                return Term.True;
            case Kind.True:
                return Term.False;
            case Kind.Opaque:
                return term;
            case Kind.Not:
                return children[0];
            case Kind.And or Kind.Or:
                _context.Fuel.Spend(children.Length);
                Term[] negated = [.. children.Select(Not)];
                return Combine(kind == Kind.And ? Kind.Or : Kind.And, kind == Kind.And ? Term.False : Term.True, kind == Kind.And ? Term.True : Term.False, negated, origin);
            case Kind.OneOf:
                return NotOneOf(children, origin);
            default:
                return Combine(Kind.Not, default, default, [term], origin);
        }
    }

    private Term NotOneOf(Term[] children, KeywordOrigin origin)
    {
        _context.Fuel.Spend(children.Length * children.Length);
        var ways = new List<Term> { And([.. children.Select(Not)]) };
        for (var i = 0; i < children.Length; i++)
        {
            for (var j = i + 1; j < children.Length; j++)
            {
                ways.Add(And(children[i], children[j]));
            }
        }

        return Combine(Kind.Or, Term.False, Term.True, CollectionsMarshal.AsSpan(ways), origin);
    }

    private Term Combine(Kind kind, Term unit, Term zero, ReadOnlySpan<Term> parts, KeywordOrigin origin)
    {
        var flat = new List<Term>(parts.Length);
        var seen = new HashSet<Term>();
        foreach (var part in parts)
        {
            var isNested = kind != Kind.Not && _terms[part.Id].Kind == kind;
            foreach (var child in isNested ? _terms[part.Id].Children : [part])
            {
                if (kind != Kind.Not && child == zero)
                {
                    return zero;
                }

                if ((kind == Kind.Not || child != unit) && seen.Add(child))
                {
                    flat.Add(child);
                }
            }
        }

        if (kind != Kind.Not && flat.Count <= 1)
        {
            return flat.Count == 0 ? unit : flat[0];
        }

        if (flat.Exists(t => _terms[t.Id].Kind == Kind.Not && seen.Contains(_terms[t.Id].Children[0])))
        {
            return zero;
        }

        int[] key = [.. flat.Select(t => t.Id).Order()];
        ref var term = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, (kind, new ChildList(key)), out var known);
        if (!known)
        {
            term = Add(kind, 0, [.. flat], origin);
        }

        return term;
    }

    private Term Add(Kind kind, int index, Term[] children, KeywordOrigin origin)
    {
        _context.Fuel.Spend();
        _terms.Add((kind, index, children, origin));
        return new Term(_terms.Count - 1);
    }

    private Term Definition(Term location)
    {
        if (!_definitions.TryGetValue(location, out var definition))
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            var schema = _locations[_terms[location.Id].Index];
            if (!_defining.Add(location))
            {
                throw new UnsupportedSchemaException(schema.Pointer, "propertyNames", "the schema asks of its own names what it says itself");
            }

            _definitions[location] = definition = Define(schema);
        }

        return definition;
    }
}
