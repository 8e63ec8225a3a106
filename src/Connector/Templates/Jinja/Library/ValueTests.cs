namespace Connector.Templates.Jinja;

/// <summary>The tests after <c>is</c>.</summary>
internal static class ValueTests
{
    public static bool Holds(string name, JinjaValue value, CallArguments arguments) => name switch
    {
        "defined" => value is not JinjaUndefined,
        "undefined" => value is JinjaUndefined,
        "none" => value is JinjaNone,
        "string" => value is JinjaString,
        "mapping" => value is JinjaDictionary,
        "iterable" => value.Items is not null,
        "sequence" => value is JinjaString or JinjaSequence or JinjaDictionary or JinjaUndefined,
        "callable" => value is JinjaFunction or JinjaLoop,
        "boolean" => value is JinjaBoolean,
        "true" => value is JinjaBoolean { Value: true },
        "false" => value is JinjaBoolean { Value: false },
        "integer" => value is JinjaInteger,
        "float" => value is JinjaFloat,
        "number" => value is JinjaInteger or JinjaFloat or JinjaBoolean,
        "lower" => IsCase(value, char.IsLower, char.IsUpper),
        "upper" => IsCase(value, char.IsUpper, char.IsLower),
        "odd" => Remainder(value, 2) == 1,
        "even" => Remainder(value, 2) == 0,
        "divisibleby" => Divides(value, Other(arguments)),
        "sameas" => ReferenceEquals(value, Other(arguments)) || (value is JinjaInteger && Same(value, Other(arguments))),
        "equalto" or "eq" or "==" => Operators.Compare(CompareOperator.Equal, value, Other(arguments)),
        "ne" or "!=" => Operators.Compare(CompareOperator.NotEqual, value, Other(arguments)),
        "lessthan" or "lt" or "<" => Operators.Compare(CompareOperator.Less, value, Other(arguments)),
        "le" or "<=" => Operators.Compare(CompareOperator.LessOrEqual, value, Other(arguments)),
        "greaterthan" or "gt" or ">" => Operators.Compare(CompareOperator.Greater, value, Other(arguments)),
        "ge" or ">=" => Operators.Compare(CompareOperator.GreaterOrEqual, value, Other(arguments)),
        "in" => Operators.Contains(Other(arguments), value),
        "filter" => Filters.Exists(Text(value)),
        "escaped" => false,
        _ => throw new JinjaException($"no test named '{name}'"),
    };

    private static JinjaValue Other(CallArguments arguments) => arguments.Expect("other").Require(0, "other");

    private static string Text(JinjaValue value) => (value as JinjaString)?.Text ?? "";

    private static bool Same(JinjaValue a, JinjaValue b) => a.GetType() == b.GetType() && JinjaEquality.Instance.Equals(a, b);

    private static bool IsCase(JinjaValue value, Func<char, bool> wanted, Func<char, bool> unwanted) =>
        Text(value).Any(wanted) && !Text(value).Any(unwanted);

    private static int Remainder(JinjaValue value, int divisor)
    {
        Operators.ThrowIfUndefined(value);
        return Numbers.TryGetInteger(value, out var i)
            ? (int)(((i % divisor) + divisor) % divisor)
            : throw new JinjaException($"'{value.TypeName}' is neither odd nor even");
    }

    private static bool Divides(JinjaValue value, JinjaValue divisor) =>
        Numbers.Arithmetic(BinaryOperator.Modulo, value, divisor) is { } rest
            ? !rest.IsTrue
            : throw new JinjaException("divisibleby needs numbers");
}
