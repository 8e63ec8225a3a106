using System.Numerics;

namespace Connector.Templates.Jinja;

/// <summary>Python's operators on template values.</summary>
internal static class Operators
{
    private static readonly string[] s_symbols = ["+", "-", "*", "/", "//", "%", "**"];

    public static JinjaValue Binary(BinaryOperator op, JinjaValue left, JinjaValue right, RenderBudget budget)
    {
        ThrowIfUndefined(left);
        ThrowIfUndefined(right);
        return Numbers.Arithmetic(op, left, right) ?? (op, left, right) switch
        {
            (BinaryOperator.Add, JinjaString a, JinjaString b) => Concat(budget, a, b),
            (BinaryOperator.Add, JinjaList a, JinjaList b) => Joined(a, b, budget),
            (BinaryOperator.Add, JinjaTuple a, JinjaTuple b) => new JinjaTuple([.. a.Items, .. b.Items]),
            (BinaryOperator.Multiply, JinjaString or JinjaList or JinjaTuple, _) when Numbers.TryGetInteger(right, out var n) => Repeat(left, n, budget),
            (BinaryOperator.Multiply, _, JinjaString or JinjaList or JinjaTuple) when Numbers.TryGetInteger(left, out var n) => Repeat(right, n, budget),
            (BinaryOperator.Modulo, JinjaString format, _) => Formatting.Percent(format, right, budget),
            (BinaryOperator.Add, JinjaString, _) => throw new JinjaException($"can only concatenate str (not \"{right.TypeName}\") to str"),
            _ => throw new JinjaException($"unsupported operand types for {s_symbols[(int)op]}: '{left.TypeName}' and '{right.TypeName}'"),
        };
    }

    public static JinjaString Concat(RenderBudget budget, params ReadOnlySpan<JinjaString> parts)
    {
        var result = new JinjaStringBuilder(budget);
        foreach (var part in parts)
        {
            result.Append(part);
        }

        return result.ToJinjaString();
    }

    public static JinjaValue Unary(UnaryOperator op, JinjaValue operand)
    {
        if (op == UnaryOperator.Not)
        {
            return JinjaBoolean.Of(!operand.IsTrue);
        }

        ThrowIfUndefined(operand);
        var sign = op == UnaryOperator.Negate ? -1 : 1;
        return operand switch
        {
            JinjaFloat { Value: var d } => new JinjaFloat(sign * d),
            _ when Numbers.TryGetInteger(operand, out var i) => new JinjaInteger(sign * i),
            _ => throw new JinjaException($"bad operand type for a sign: '{operand.TypeName}'"),
        };
    }

    public static bool Compare(CompareOperator op, JinjaValue left, JinjaValue right) => op switch
    {
        CompareOperator.Equal => JinjaEquality.Instance.Equals(left, right),
        CompareOperator.NotEqual => !JinjaEquality.Instance.Equals(left, right),
        CompareOperator.In => Contains(right, left),
        CompareOperator.NotIn => !Contains(right, left),
        CompareOperator.Less => Order(left, right) < 0,
        CompareOperator.LessOrEqual => Order(left, right) <= 0,
        CompareOperator.Greater => Order(left, right) is > 0 and not Unordered,
        _ => Order(left, right) is >= 0 and not Unordered,
    };

    /// <summary>Less than, equal to or greater than zero as left stands before, with or after right.</summary>
    public static int Order(JinjaValue left, JinjaValue right)
    {
        ThrowIfUndefined(left);
        ThrowIfUndefined(right);
        if (Numbers.TryGetInteger(left, out var i) && Numbers.TryGetInteger(right, out var j))
        {
            return i.CompareTo(j);
        }

        if (Numbers.TryGetDouble(left, out var x) && Numbers.TryGetDouble(right, out var y))
        {
            return double.IsNaN(x) || double.IsNaN(y) ? Unordered : x.CompareTo(y);
        }

        return (left, right) switch
        {
            (JinjaString a, JinjaString b) => string.CompareOrdinal(a.Text, b.Text),
            (JinjaList or JinjaTuple, JinjaList or JinjaTuple) when left.GetType() == right.GetType() =>
                OrderItems((JinjaSequence)left, (JinjaSequence)right),
            _ => throw new JinjaException($"'{left.TypeName}' and '{right.TypeName}' cannot be ordered"),
        };
    }

    public static bool Contains(JinjaValue container, JinjaValue item) => container switch
    {
        JinjaString text => item is JinjaString part
            ? text.Text.Contains(part.Text, StringComparison.Ordinal)
            : throw new JinjaException($"'in <string>' requires string as left operand, not {item.TypeName}"),
        JinjaDictionary dictionary => dictionary.Entries.ContainsKey(item),
        { Items: { } items } => items.Contains(item, JinjaEquality.Instance),
        _ => throw new JinjaException($"argument of type '{container.TypeName}' is not iterable"),
    };

    /// <summary>A slice of a string, list, tuple or range, with Python's rules for bounds and negative steps.</summary>
    public static JinjaValue Slice(JinjaValue target, JinjaValue start, JinjaValue stop, JinjaValue step, RenderBudget budget)
    {
        ThrowIfUndefined(target);
        var starts = target is JinjaString { IsFlat: false } wide ? wide.CodePointStarts() : null;
        var length = target switch
        {
            JinjaString text => starts is null ? text.Text.Length : starts.Length - 1,
            JinjaSequence sequence => sequence.Count,
            _ => throw new JinjaException($"'{target.TypeName}' object cannot be sliced"),
        };
        var by = Index(step) ?? 1;
        if (by == 0)
        {
            throw new JinjaException("slice step cannot be zero");
        }

        var from = Bound(Index(start) ?? (by > 0 ? 0 : length - 1), length, by, Index(start) is not null);
        var to = Index(stop) is { } end ? Bound(end, length, by, given: true) : by > 0 ? length : -1;
        var count = Math.Abs((long)to - from) / Math.Abs((long)by);
        if (target is JinjaString source)
        {
            budget.Step(count);
            return SliceString(source, starts, from, to, by, budget);
        }

        budget.Items(count);
        var items = new List<JinjaValue>();
        for (long i = from; by > 0 ? i < to : i > to; i += by)
        {
            items.Add(((JinjaSequence)target)[(int)i]);
        }

        return target is JinjaTuple ? new JinjaTuple([.. items]) : new JinjaList(items);
    }

    public static void ThrowIfUndefined(JinjaValue value)
    {
        if (value is JinjaUndefined undefined)
        {
            throw undefined.Error();
        }
    }

    /// <summary>What <see cref="Order"/> gives for a number that is none.</summary>
    private const int Unordered = int.MaxValue;

    private static int OrderItems(JinjaSequence left, JinjaSequence right)
    {
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (!JinjaEquality.Instance.Equals(left[i], right[i]))
            {
                return Order(left[i], right[i]);
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    private static JinjaList Joined(JinjaList a, JinjaList b, RenderBudget budget)
    {
        budget.Items((long)a.Count + b.Count);
        return new JinjaList(a.Values.Concat(b.Values));
    }

    private static JinjaValue Repeat(JinjaValue value, BigInteger times, RenderBudget budget)
    {
        var count = (int)BigInteger.Min(BigInteger.Max(times, 0), int.MaxValue);
        if (value is JinjaString text)
        {
            var result = new JinjaStringBuilder(budget);
            for (var i = 0; i < count && text.Text.Length > 0; i++)
            {
                result.Append(text);
            }

            return result.ToJinjaString();
        }

        var items = value.Items!.ToList();
        budget.Items((long)items.Count * count);
        var repeated = Enumerable.Repeat(items, items.Count == 0 ? 0 : count).SelectMany(x => x);
        return value is JinjaTuple ? new JinjaTuple([.. repeated]) : new JinjaList(repeated);
    }

    private static int? Index(JinjaValue value) => value switch
    {
        JinjaNone => null,
        _ when Numbers.TryGetInteger(value, out var i) => (int)BigInteger.Max(BigInteger.Min(i, int.MaxValue), -int.MaxValue),
        _ => throw new JinjaException("slice indices must be integers or None"),
    };

    private static int Bound(int index, int length, int step, bool given)
    {
        if (!given)
        {
            return index;
        }

        var (low, high) = step > 0 ? (0, length) : (-1, length - 1);
        return index < 0 ? (int)Math.Max((long)index + length, low) : Math.Min(index, high);
    }

    private static JinjaString SliceString(JinjaString text, int[]? starts, int from, int to, int by, RenderBudget budget)
    {
        int At(int index) => starts is null ? index : starts[index];
        if (by == 1)
        {
            return from < to ? text.Slice(At(from), At(to) - At(from)) : JinjaString.Empty;
        }

        var result = new JinjaStringBuilder(budget);
        for (long i = from; by > 0 ? i < to : i > to; i += by)
        {
            result.Append(text.Slice(At((int)i), At((int)i + 1) - At((int)i)));
        }

        return result.ToJinjaString();
    }
}
