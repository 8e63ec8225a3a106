using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <content>One level of a term: its scalars as languages, its arrays and objects as shapes over terms.</content>
internal sealed partial class SchemaTerms
{
    private const string TooManyCases = "telling its alternatives apart takes too many cases; it is treated as anyOf";

    private readonly Dictionary<Term, bool> _empty = [];
    private readonly HashSet<Term> _testing = [];
    private readonly HashSet<Term> _expandingScalars = [];
    private readonly HashSet<Term> _expandingShapes = [];
    private readonly Dictionary<Term, bool> _opaque = [];
    private readonly HashSet<Term> _loose = [];
    private bool _tainted;
    private bool _isLoose;

    /// <summary>The values of a term by kind.</summary>
    public ValueForm Expand(Term term)
    {
        var (arrays, objects) = Shapes(term);
        return new ValueForm(Scalars(term), arrays, objects);
    }

    /// <summary>Whether a term is known to have no values; a recursion that would never end counts as having some.</summary>
    public bool IsEmpty(Term term)
    {
        if (term.Id <= 1)
        {
            return term == Term.False;
        }

        if (_empty.TryGetValue(term, out var known))
        {
            return known;
        }

        // Inside its own test a term counts as not empty; that is not remembered.
        if (!_testing.Add(term))
        {
            return false;
        }

        var outer = _tainted;
        var wasLoose = _isLoose;
        _tainted = false;
        var empty = HasNothing(term);
        _isLoose = wasLoose;
        if (empty || !_tainted)
        {
            _empty[term] = empty;
        }

        _tainted |= outer;
        _testing.Remove(term);
        return empty;
    }

    /// <summary>The scalars of a term.</summary>
    public ScalarForm Scalars(Term term) => Expanded(term, _scalars, _expandingScalars, AllScalars, ExpandScalars);

    /// <summary>The arrays and objects of a term; more than those where a keyword that took too many cases was reported.</summary>
    public (ImmutableArray<ArrayShape> Arrays, ImmutableArray<ObjectShape> Objects) Shapes(Term term)
    {
        var outer = _isLoose;
        _isLoose = false;
        var shapes = Expanded(term, _shapes, _expandingShapes, ([AnyArray], [AnyObject]), ExpandShapes);
        if (_isLoose)
        {
            _loose.Add(term);
        }

        _isLoose = outer || _loose.Contains(term);
        return shapes;
    }

    private bool HasNothing(Term term)
    {
        var scalars = Scalars(term);
        return scalars.Constants == JsonConstants.None
            && scalars.Number.Exponents == NumberSigns.None
            && _context.IsEmpty(scalars.Number.Plain)
            && _context.IsEmpty(scalars.Text)
            && Shapes(term) is { Arrays: [], Objects: [] };
    }

    // A test for emptiness looks below properties and items, so it may come back to a term that is being expanded:
    // then everything is assumed of it, and nothing that follows from the assumption is kept.
    private T Expanded<T>(Term term, Dictionary<Term, T> known, HashSet<Term> open, T everything, Func<Term, T> expand)
    {
        if (known.TryGetValue(term, out var form))
        {
            return form;
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (!open.Add(term))
        {
            if (_testing.Count > 0)
            {
                _tainted = true;
                return everything;
            }

            throw new UnsupportedSchemaException(
                _terms[term.Id].Origin.JsonPointer ?? "", "$ref", "the schema refers to itself without an object or array in between");
        }

        var outer = _tainted;
        _tainted = false;
        try
        {
            form = expand(term);
        }
        finally
        {
            open.Remove(term);
        }

        if (!_tainted)
        {
            known[term] = form;
        }

        _tainted |= outer;
        return form;
    }

    private ScalarForm ExpandScalars(Term term)
    {
        var (kind, index, children, _) = _terms[term.Id];
        switch (kind)
        {
            case Kind.False:
                return NoScalars;
            case Kind.True or Kind.Opaque:
                return AllScalars;
            case Kind.Atom:
                return _atoms[index].Fulfilling.Scalars;
            case Kind.Location:
                return Scalars(Definition(term));
            case Kind.Unevaluated:
                return Scalars(children[0]);
            case Kind.And:
                return children.Select(Scalars).Aggregate(Both);
            case Kind.Or:
                return children.Select(Scalars).Aggregate(Either);
            case Kind.OneOf:
                var result = NoScalars;
                for (var i = 0; i < children.Length; i++)
                {
                    var only = Scalars(children[i]);
                    for (var j = 0; j < children.Length && only != NoScalars; j++)
                    {
                        only = j == i ? only : Both(only, Scalars(Not(children[j])));
                    }

                    result = Either(result, only);
                }

                return result;
            default:
                return NotScalars(children[0]);
        }
    }

    private ScalarForm NotScalars(Term term)
    {
        var (kind, index, children, _) = _terms[term.Id];
        return kind switch
        {
            Kind.Atom => _atoms[index].Breaking.Value,
            Kind.Location => Scalars(Not(Definition(term))),
            _ => Scalars(Not(children[0])),
        };
    }

    private ScalarForm Both(ScalarForm x, ScalarForm y) => x == AllScalars ? y : y == AllScalars ? x : new(
        x.Constants & y.Constants, _context.Numbers.Both(x.Number, y.Number), BothTexts(x.Text, y.Text));

    // Every set of texts lies within all texts; saying so again would only make the language costlier.
    private Regex BothTexts(Regex x, Regex y) => x == AllScalars.Text ? y : y == AllScalars.Text ? x : _context.Regexes.And(x, y);

    private ScalarForm Either(ScalarForm x, ScalarForm y) => new(
        x.Constants | y.Constants, _context.Numbers.Either(x.Number, y.Number), _context.Regexes.Or(x.Text, y.Text));

    private (ImmutableArray<ArrayShape> Arrays, ImmutableArray<ObjectShape> Objects) ExpandShapes(Term term)
    {
        var (kind, index, children, origin) = _terms[term.Id];
        switch (kind)
        {
            case Kind.False:
                return ([], []);
            case Kind.True or Kind.Opaque:
                return ([AnyArray], [AnyObject]);
            case Kind.Atom:
                return (_atoms[index].Fulfilling.Arrays, _atoms[index].Fulfilling.Objects);
            case Kind.Location:
                return Shapes(Definition(term));
            case Kind.Unevaluated:
                var (arrays, objects) = Shapes(children[0]);
                return (
                    [.. arrays.Select(a => WithUnevaluated(a, children[2])).OfType<ArrayShape>()],
                    [.. objects.Select(o => WithUnevaluated(o, children[1])).OfType<ObjectShape>()]);
            case Kind.And:
                return AndShapes(children);
            case Kind.Or:
                var all = children.Select(Shapes).ToList();
                return (UnionArrays(all.SelectMany(s => s.Arrays)), UnionObjects(all.SelectMany(s => s.Objects)));
            case Kind.OneOf:
                return (
                    OneOfShapes(children, origin, s => s.Arrays, Subtract, Overlap, UnionArrays),
                    OneOfShapes(children, origin, s => s.Objects, Subtract, Overlap, UnionObjects));
            default:
                return NotShapes(term, children[0]);
        }
    }

    private (ImmutableArray<ArrayShape> Arrays, ImmutableArray<ObjectShape> Objects) NotShapes(Term term, Term negated)
    {
        if (IsOpaque(negated))
        {
            return ([AnyArray], [AnyObject]);
        }

        // The complement of too much would be too little.
        var (arrays, objects) = Shapes(negated);
        if (_loose.Contains(negated))
        {
            return ([AnyArray], [AnyObject]);
        }

        (arrays, objects) = (UnionArrays(Subtract([AnyArray], arrays)), UnionObjects(Subtract([AnyObject], objects)));
        if (_isLoose)
        {
            Report(term, "not", $"what it excludes takes more than {MaxShapes} cases; only some are excluded");
        }

        return (arrays, objects);
    }

    // A term within terms may have no keyword of its own: then one of those that it is made of is named, or the one it is part of.
    private void Report(Term term, string otherwise, string reason)
    {
        const int Hops = 16;
        var named = new KeywordOrigin("", "");
        for (var hop = 0; hop < Hops && named.Keyword.Length == 0; hop++)
        {
            var (kind, _, children, origin) = _terms[term.Id];
            named = new KeywordOrigin(origin.JsonPointer ?? named.JsonPointer, origin.Keyword ?? "");
            term = kind == Kind.Location ? Definition(term)
                : children.Length == 0 ? term
                : Array.Find(children, c => _terms[c.Id].Origin.Keyword is { Length: > 0 }) is { Id: > 0 } child ? child : children[0];
        }

        _context.Report(named.JsonPointer, named.Keyword.Length == 0 ? otherwise : named.Keyword, reason);
    }

    // Conditions first and choices after them: the choices then multiply what is already narrow.
    private (ImmutableArray<ArrayShape> Arrays, ImmutableArray<ObjectShape> Objects) AndShapes(Term[] children)
    {
        var arrays = ImmutableArray.Create(AnyArray);
        var objects = ImmutableArray.Create(AnyObject);
        foreach (var child in children.OrderBy(c => _terms[c.Id].Kind is Kind.Or or Kind.OneOf ? 1 : _terms[c.Id].Kind == Kind.Not ? 2 : 0))
        {
            var (kind, _, inner, _) = _terms[child.Id];
            var negated = kind == Kind.Not;
            if (negated && IsOpaque(inner[0]))
            {
                continue;
            }

            var shapes = Shapes(negated ? inner[0] : child);
            if (negated && _loose.Contains(inner[0]))
            {
                continue;
            }

            var nextArrays = arrays.IsEmpty ? arrays : negated ? Subtract(arrays, shapes.Arrays) : Cross(arrays, shapes.Arrays);
            var nextObjects = objects.IsEmpty ? objects : negated ? Subtract(objects, shapes.Objects) : Cross(objects, shapes.Objects);
            if (nextArrays.Length > MaxShapes || nextObjects.Length > MaxShapes)
            {
                _isLoose = true;
                Report(child, "allOf", $"it combines with other keywords in more than {MaxShapes} ways");
                continue;
            }

            (arrays, objects) = (nextArrays, nextObjects);
        }

        return (arrays, objects);
    }

    private ImmutableArray<T> OneOfShapes<T>(
        Term[] children,
        KeywordOrigin origin,
        Func<(ImmutableArray<ArrayShape> Arrays, ImmutableArray<ObjectShape> Objects), ImmutableArray<T>> select,
        Func<ImmutableArray<T>, ImmutableArray<T>, ImmutableArray<T>> subtract,
        Func<ImmutableArray<T>, ImmutableArray<T>, bool> overlap,
        Func<IEnumerable<T>, ImmutableArray<T>> union)
    {
        List<ImmutableArray<T>> all = [.. children.Select(c => select(Shapes(c)))];
        if (!_context.IsExact)
        {
            if (Enumerable.Range(0, all.Count).Any(i => all.Take(i).Any(other => overlap(all[i], other))))
            {
                _isLoose = true;
                _context.Report(origin.JsonPointer, origin.Keyword, TooManyCases);
            }

            return union(all.SelectMany(s => s));
        }

        var result = new List<T>();
        for (var i = 0; i < all.Count; i++)
        {
            var only = all[i];
            for (var j = 0; j < all.Count && only.Length is > 0 and <= MaxShapes; j++)
            {
                only = j == i || IsOpaque(children[j]) || _loose.Contains(children[j]) ? only : subtract(only, all[j]);
            }

            if (only.Length > MaxShapes || result.Count > MaxShapes)
            {
                _isLoose = true;
                _context.Report(origin.JsonPointer, origin.Keyword, TooManyCases);
                return union(all.SelectMany(s => s));
            }

            result.AddRange(only);
        }

        return union(result);
    }

    // Whether the complement of a term says nothing because part of the term is not enforced.
    private bool IsOpaque(Term term)
    {
        if (!_opaque.TryGetValue(term, out var opaque))
        {
            var (kind, _, children, _) = _terms[term.Id];
            _opaque[term] = false;
            _opaque[term] = opaque = kind switch
            {
                Kind.Opaque => true,
                Kind.Location => IsOpaque(Definition(term)),
                Kind.And or Kind.Or or Kind.OneOf or Kind.Unevaluated or Kind.Not => children.Any(IsOpaque),
                _ => false,
            };
        }

        return opaque;
    }
}
