using System.Collections.Immutable;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <content>Intersection, difference and union of array shapes.</content>
internal sealed partial class SchemaTerms
{
    private ImmutableArray<ArrayShape> Cross(ImmutableArray<ArrayShape> x, ImmutableArray<ArrayShape> y) =>
        UnionArrays(x.SelectMany(a => y.Select(b => Intersect(a, b))).OfType<ArrayShape>());

    private ArrayShape? Intersect(ArrayShape x, ArrayShape y)
    {
        if (x == AnyArray || y == AnyArray)
        {
            return x == AnyArray ? y : x;
        }

        _context.Fuel.Spend(1 + x.Prefix.Length + y.Prefix.Length);
        var (min, max) = (Math.Max(x.Min, y.Min), Math.Min(x.Max, y.Max));
        var prefix = ImmutableArray.CreateBuilder<Term>();
        for (var i = 0; i < Math.Max(x.Prefix.Length, y.Prefix.Length) && i < max; i++)
        {
            var item = And(x.Item(i), y.Item(i));
            if (item == Term.False || (i < min && item != x.Item(i) && item != y.Item(i) && IsEmpty(item)))
            {
                max = i;
                break;
            }

            prefix.Add(item);
        }

        var rest = And(x.Rest, y.Rest);
        if (rest == Term.False || (min > prefix.Count && rest != x.Rest && rest != y.Rest && IsEmpty(rest)))
        {
            max = Math.Min(max, prefix.Count);
        }

        return min > max ? null : new ArrayShape
        {
            Prefix = prefix.ToImmutable(),
            Rest = rest,
            Evaluated = Math.Max(x.Evaluated, y.Evaluated),
            Min = min,
            Max = max,
            Demands = [.. x.Demands.Union(y.Demands)],
            UniqueAt = x.UniqueAt ?? y.UniqueAt,
        };
    }

    private ImmutableArray<ArrayShape> Subtract(ImmutableArray<ArrayShape> from, ImmutableArray<ArrayShape> others)
    {
        foreach (var other in others)
        {
            if (from.Length > MaxShapes)
            {
                _isLoose = true;
                break;
            }

            var next = new List<ArrayShape>();
            foreach (var shape in from)
            {
                if (Intersect(shape, other) is not { } common || IsEmptyShape(common))
                {
                    next.Add(shape);
                    continue;
                }

                next.AddRange(Complement(other).Select(c => Intersect(shape, c)).OfType<ArrayShape>().Where(c => !IsEmptyShape(c)));
            }

            from = UnionArrays(next);
        }

        return from;
    }

    private bool Overlap(ImmutableArray<ArrayShape> x, ImmutableArray<ArrayShape> y) =>
        x.Any(a => y.Any(b => Intersect(a, b) is { } common && !IsEmptyShape(common)));

    private bool IsEmptyShape(ArrayShape shape)
    {
        for (var i = 0; i < Math.Min(shape.Min, shape.Prefix.Length + 1); i++)
        {
            if (IsEmpty(shape.Item(i)))
            {
                return true;
            }
        }

        return shape.Demands.Any(d => d.Min > 0 && (d.Value == Term.False || (long)d.From + d.Min > shape.Max));
    }

    private IEnumerable<ArrayShape> Complement(ArrayShape shape)
    {
        if (shape.UniqueAt is not null)
        {
            yield return AnyArray;
        }

        for (var i = 0; i < shape.Prefix.Length; i++)
        {
            if (shape.Prefix[i] != Term.True)
            {
                yield return new ArrayShape
                {
                    Prefix = [.. Enumerable.Repeat(Term.True, i), Not(shape.Prefix[i])],
                    Rest = Term.True,
                    Min = i + 1,
                };
            }
        }

        if (shape.Rest == Term.False && shape.Max > shape.Prefix.Length)
        {
            yield return new ArrayShape { Rest = Term.True, Min = shape.Prefix.Length + 1 };
        }
        else if (shape.Rest != Term.True && shape.Max > shape.Prefix.Length)
        {
            yield return Demanding(new ItemDemand(Not(shape.Rest), shape.Prefix.Length, 1, int.MaxValue));
        }

        foreach (var demand in shape.Demands)
        {
            if (demand.Min > 0)
            {
                yield return Demanding(demand with { Min = 0, Max = demand.Min - 1 });
            }

            if (demand.Max < int.MaxValue)
            {
                yield return Demanding(demand with { Min = demand.Max + 1, Max = int.MaxValue });
            }
        }

        if (shape.Min > 0)
        {
            yield return new ArrayShape { Rest = Term.True, Max = shape.Min - 1 };
        }

        if (shape.Max < int.MaxValue)
        {
            yield return new ArrayShape { Rest = Term.True, Min = shape.Max + 1 };
        }
    }

    private static ArrayShape Demanding(ItemDemand demand) => new() { Rest = Term.True, Demands = [demand] };

    private ArrayShape? WithUnevaluated(ArrayShape shape, Term value)
    {
        if (value == Term.True || shape.Evaluated == int.MaxValue)
        {
            return shape;
        }

        var length = Math.Max(shape.Prefix.Length, shape.Evaluated);
        Term[] prefix = [.. Enumerable.Range(0, length).Select(i => i < shape.Evaluated ? shape.Item(i) : And(shape.Item(i), value))];
        var rest = And(shape.Rest, value);
        var missing = Array.IndexOf(prefix, Term.False);
        var max = Math.Min(shape.Max, missing >= 0 ? missing : rest == Term.False ? length : int.MaxValue);
        return shape.Min > max ? null : new ArrayShape
        {
            Prefix = [.. prefix],
            Rest = rest,
            Evaluated = int.MaxValue,
            Min = shape.Min,
            Max = max,
            Demands = shape.Demands,
            UniqueAt = shape.UniqueAt,
        };
    }

    private ImmutableArray<ArrayShape> UnionArrays(IEnumerable<ArrayShape> shapes)
    {
        var result = new List<ArrayShape>();
        foreach (var shape in shapes)
        {
            if (shape == AnyArray && !TracksEvaluation)
            {
                return [AnyArray];
            }

            if (!result.Exists(r => AreEqual(r, shape)))
            {
                result.Add(shape);
            }
        }

        return [.. result];
    }

    private static bool AreEqual(ArrayShape x, ArrayShape y) =>
        x.Prefix.SequenceEqual(y.Prefix) && x.Rest == y.Rest && x.Min == y.Min && x.Max == y.Max
        && x.Evaluated == y.Evaluated && x.UniqueAt == y.UniqueAt && x.Demands.SequenceEqual(y.Demands);
}
