using System.Collections.Immutable;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <content>Intersection, difference and union of object shapes.</content>
internal sealed partial class SchemaTerms
{
    private PresenceFormulas Formulas => _context.Presence;

    private ImmutableArray<ObjectShape> Cross(ImmutableArray<ObjectShape> x, ImmutableArray<ObjectShape> y) =>
        UnionObjects(x.SelectMany(a => y.Select(b => Intersect(a, b))).OfType<ObjectShape>());

    private ObjectShape? Intersect(ObjectShape x, ObjectShape y)
    {
        if (x == AnyObject || y == AnyObject)
        {
            return x == AnyObject ? y : x;
        }

        _context.Fuel.Spend(1 + x.Properties.Length + y.Properties.Length);
        var presence = Formulas.And(x.Presence, y.Presence);
        var (min, max) = (Math.Max(x.Min, y.Min), Math.Min(x.Max, y.Max));
        if (presence == PresenceFormulas.False || min > max)
        {
            return null;
        }

        var properties = ImmutableArray.CreateBuilder<ShapeProperty>();
        foreach (var name in Names(x, y))
        {
            var (a, b) = (Property(x, name), Property(y, name));
            var value = And(a.Value, b.Value);
            if (value != Term.False && Formulas.Requires(presence, name) && value != a.Value && value != b.Value && IsEmpty(value))
            {
                value = Term.False;
            }

            if (value == Term.False)
            {
                presence = Formulas.And(presence, Formulas.Lacks(name));
            }

            properties.Add(new ShapeProperty(name, value, a.Evaluated || b.Evaluated));
        }

        return presence == PresenceFormulas.False ? null : new ObjectShape
        {
            Properties = properties.ToImmutable(),
            Others = IntersectOthers(x.Others, y.Others),
            Presence = presence,
            Min = min,
            Max = max,
            Demands = [.. x.Demands.Union(y.Demands)],
        };
    }

    private ImmutableArray<KeyClass> IntersectOthers(ImmutableArray<KeyClass> x, ImmutableArray<KeyClass> y)
    {
        var classes = ImmutableArray.CreateBuilder<KeyClass>();
        foreach (var a in x)
        {
            foreach (var b in y)
            {
                var value = And(a.Value, b.Value);
                var keys = a.Keys == b.Keys || b.Keys == _context.Keys ? a.Keys
                    : a.Keys == _context.Keys ? b.Keys
                    : _context.Regexes.And(a.Keys, b.Keys);
                if (value != Term.False && (keys == a.Keys || keys == b.Keys || !_context.IsEmpty(keys)))
                {
                    _context.Fuel.Spend();
                    classes.Add(new KeyClass(keys, value, a.Evaluated || b.Evaluated));
                }
            }
        }

        return classes.ToImmutable();
    }

    /// <summary>What a shape says of a key.</summary>
    public ShapeProperty Property(ObjectShape shape, string name)
    {
        foreach (var property in shape.Properties)
        {
            if (property.Name == name)
            {
                return property;
            }
        }

        foreach (var (keys, value, evaluated) in shape.Others)
        {
            if (_context.Matches(keys, name))
            {
                return new ShapeProperty(name, value, evaluated);
            }
        }

        return new ShapeProperty(name, Term.False, Evaluated: true);
    }

    private static IEnumerable<string> Names(ObjectShape x, ObjectShape y) =>
        x.Properties.Select(p => p.Name).Union(y.Properties.Select(p => p.Name), StringComparer.Ordinal);

    /// <summary>The objects of some shapes that are of no shape of others. May grow beyond the limit; then the rest is left out.</summary>
    private ImmutableArray<ObjectShape> Subtract(ImmutableArray<ObjectShape> from, ImmutableArray<ObjectShape> others)
    {
        foreach (var other in others)
        {
            if (from.Length > MaxShapes)
            {
                _isLoose = true;
                break;
            }

            var next = new List<ObjectShape>();
            foreach (var shape in from)
            {
                if (Intersect(shape, other) is not { } common || IsEmptyShape(common))
                {
                    next.Add(shape);
                    continue;
                }

                next.AddRange(Complement(other).Select(c => Intersect(shape, c)).OfType<ObjectShape>().Where(c => !IsEmptyShape(c)));
            }

            from = UnionObjects(next);
        }

        return from;
    }

    private bool Overlap(ImmutableArray<ObjectShape> x, ImmutableArray<ObjectShape> y) =>
        x.Any(a => y.Any(b => Intersect(a, b) is { } common && !IsEmptyShape(common)));

    private bool IsEmptyShape(ObjectShape shape) =>
        shape.Properties.Any(p => Formulas.Requires(shape.Presence, p.Name) && IsEmpty(p.Value))
        || (shape.Max == 0 && !shape.Demands.IsEmpty)
        || shape.Demands.Any(d => d.Value == Term.False);

    // An object is not of a shape when a property is wrong, or is missing, or there are too few or too many, …
    private IEnumerable<ObjectShape> Complement(ObjectShape shape)
    {
        if (shape.Presence != PresenceFormulas.True)
        {
            yield return With(presence: Formulas.Not(shape.Presence));
        }

        // A schema that does not hold has evaluated nothing.
        foreach (var (name, value, _) in shape.Properties)
        {
            if (value != Term.True)
            {
                yield return new ObjectShape
                {
                    Properties = [new ShapeProperty(name, Not(value), Evaluated: false)],
                    Others = AnyObject.Others,
                    Presence = Formulas.Has(name),
                };
            }
        }

        var set = _context.Regexes;
        var names = set.Or([.. shape.Properties.Select(p => _context.Text.Literal(p.Name))]);
        var allowed = set.Or([.. shape.Others.Select(o => o.Keys)]);
        var classes = shape.Others.Select(o => (o.Keys, o.Value));
        if (allowed != _context.Keys)
        {
            classes = classes.Append((set.Except(_context.Keys, allowed), Term.False));
        }

        foreach (var (keys, value) in classes)
        {
            var others = names == set.Nothing ? keys : set.Except(keys, names);
            if (value != Term.True && !_context.IsEmpty(others))
            {
                yield return With(demands: [new MemberDemand(others, Not(value))]);
            }
        }

        foreach (var (keys, value) in shape.Demands)
        {
            var rest = set.Except(_context.Keys, keys);
            yield return new ObjectShape
            {
                Others = [new KeyClass(keys, Not(value), Evaluated: false), new KeyClass(rest, Term.True, Evaluated: false)],
            };
        }

        if (shape.Min > 0)
        {
            yield return With(max: shape.Min - 1);
        }

        if (shape.Max < int.MaxValue)
        {
            yield return With(min: shape.Max + 1);
        }
    }

    private ObjectShape With(Presence? presence = null, int min = 0, int max = int.MaxValue, ImmutableArray<MemberDemand> demands = default) => new()
    {
        Others = AnyObject.Others,
        Presence = presence ?? PresenceFormulas.True,
        Min = min,
        Max = max,
        Demands = demands.IsDefault ? [] : demands,
    };

    private ObjectShape? WithUnevaluated(ObjectShape shape, Term value)
    {
        if (value == Term.True)
        {
            return shape;
        }

        var presence = shape.Presence;
        var properties = ImmutableArray.CreateBuilder<ShapeProperty>();
        var implied = Formulas.Names(presence).Where(n => !shape.Properties.Any(p => p.Name == n)).Select(n => Property(shape, n));
        foreach (var property in shape.Properties.Concat(implied))
        {
            var checkedValue = property.Evaluated ? property.Value : And(property.Value, value);
            presence = checkedValue == Term.False ? Formulas.And(presence, Formulas.Lacks(property.Name)) : presence;
            properties.Add(new ShapeProperty(property.Name, checkedValue, Evaluated: true));
        }

        return presence == PresenceFormulas.False ? null : new ObjectShape
        {
            Properties = properties.ToImmutable(),
            Others = [.. shape.Others
                .Select(o => o.Evaluated ? o : new KeyClass(o.Keys, And(o.Value, value), Evaluated: true))
                .Where(o => o.Value != Term.False)],
            Presence = presence,
            Min = shape.Min,
            Max = shape.Max,
            Demands = shape.Demands,
        };
    }

    // Shapes that differ in one thing only become one: choices between required properties and the like stay small.
    private ImmutableArray<ObjectShape> UnionObjects(IEnumerable<ObjectShape> shapes)
    {
        var result = new List<ObjectShape>();
        foreach (var shape in shapes)
        {
            if (shape == AnyObject && !TracksEvaluation)
            {
                return [AnyObject];
            }

            var merged = false;
            for (var i = 0; i < result.Count && i < 64 && !merged; i++)
            {
                if (TryMerge(result[i], shape) is { } both)
                {
                    result[i] = both;
                    merged = true;
                }
            }

            if (!merged)
            {
                result.Add(shape);
            }
        }

        return [.. result];
    }

    private ObjectShape? TryMerge(ObjectShape x, ObjectShape y)
    {
        if (x.Min != y.Min || x.Max != y.Max || !x.Others.SequenceEqual(y.Others) || !x.Demands.SequenceEqual(y.Demands))
        {
            return null;
        }

        _context.Fuel.Spend(1 + x.Properties.Length);
        var differing = -1;
        var properties = ImmutableArray.CreateBuilder<ShapeProperty>();
        foreach (var name in Names(x, y))
        {
            var (a, b) = (Property(x, name), Property(y, name));
            if (a.Value != b.Value && a.Value != Term.False && b.Value != Term.False)
            {
                if (differing >= 0 || x.Presence != y.Presence || a.Evaluated != b.Evaluated)
                {
                    return null;
                }

                differing = properties.Count;
            }
            else if (a.Evaluated != b.Evaluated || (a.Value != b.Value && !AbsentWhereFalse(x, a, y, b)))
            {
                return null;
            }

            properties.Add(a.Value == Term.False ? b : a.Value == b.Value || b.Value == Term.False ? a : a with { Value = Or(a.Value, b.Value) });
        }

        return new ObjectShape
        {
            Properties = properties.ToImmutable(),
            Others = x.Others,
            Presence = Formulas.Or(x.Presence, y.Presence),
            Min = x.Min,
            Max = x.Max,
            Demands = x.Demands,
        };
    }

    // A property that one shape forbids may take the other's values, as the condition on presence keeps it out.
    private bool AbsentWhereFalse(ObjectShape x, ShapeProperty a, ObjectShape y, ShapeProperty b) =>
        a.Value == Term.False
            ? Formulas.And(x.Presence, Formulas.Has(a.Name)) == PresenceFormulas.False
            : b.Value == Term.False && Formulas.And(y.Presence, Formulas.Has(b.Name)) == PresenceFormulas.False;
}
