using System.Globalization;
using System.Numerics;

namespace Connector.Templates.Jinja;

/// <summary>Filters about numbers.</summary>
internal static class NumberFilters
{
    public static JinjaValue Abs(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        Operators.ThrowIfUndefined(value);
        return value switch
        {
            JinjaFloat { Value: var d } => new JinjaFloat(Math.Abs(d)),
            _ when Numbers.TryGetInteger(value, out var i) => new JinjaInteger(BigInteger.Abs(i)),
            _ => throw new JinjaException($"bad operand type for abs(): '{value.TypeName}'"),
        };
    }

    public static JinjaValue Int(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        Operators.ThrowIfUndefined(value);
        arguments.Expect("default", "base");
        return value switch
        {
            JinjaString text when TryParseInteger(text.Text, arguments.FindInteger(1, "base", 10)) is { } parsed => Numbers.Integer(parsed),
            JinjaString text when ParseFloat(text.Text) is { } real && double.IsFinite(real) => Numbers.Integer(new BigInteger(Math.Truncate(real))),
            JinjaFloat { Value: var d } when double.IsFinite(d) => Numbers.Integer(new BigInteger(Math.Truncate(d))),
            _ when Numbers.TryGetInteger(value, out var i) => new JinjaInteger(i),
            _ => arguments.Find(0, "default") ?? new JinjaInteger(0),
        };
    }

    public static JinjaValue Float(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        Operators.ThrowIfUndefined(value);
        return value switch
        {
            JinjaString text when ParseFloat(text.Text) is { } parsed => new JinjaFloat(parsed),
            _ when Numbers.TryGetDouble(value, out var number) => new JinjaFloat(number),
            _ => arguments.Expect("default").Find(0, "default") ?? new JinjaFloat(0),
        };
    }

    public static JinjaValue Round(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        Operators.ThrowIfUndefined(value);
        arguments.Expect("precision", "method");
        var precision = Math.Clamp(arguments.FindInteger(0, "precision", 0), -300, 300);
        var method = arguments.FindString(1, "method")?.Text ?? "common";
        if (!Numbers.TryGetDouble(value, out var number))
        {
            throw new JinjaException($"round() needs a number, not {value.TypeName}");
        }

        if (method == "common")
        {
            return value is JinjaFloat ? new JinjaFloat(RoundHalfEven(number, precision)) : RoundInteger(value, precision);
        }

        return new JinjaFloat(method switch
        {
            "ceil" => Scaled(number, precision, Math.Ceiling),
            "floor" => Scaled(number, precision, Math.Floor),
            _ => throw new JinjaException("round(): the method must be common, ceil or floor"),
        });
    }

    /// <summary>The decimal nearest to the exact binary value, the even one of two equally near: what Python's round() gives.</summary>
    private static double RoundHalfEven(double number, int precision)
    {
        const int extra = 25;
        if (precision < 0 || !double.IsFinite(number))
        {
            return double.IsFinite(number) ? Scaled(number, precision, Math.Round) : number;
        }

        // A tie has exactly one digit more; no double comes this near to one without being it.
        var exact = number.ToString("F" + (precision + extra), CultureInfo.InvariantCulture);
        var isTie = exact.EndsWith("5" + new string('0', extra - 1), StringComparison.Ordinal);
        var kept = exact[..^extra].TrimEnd('.');
        var isEven = (kept[^1] - '0') % 2 == 0;
        return double.Parse(isTie && isEven ? kept : number.ToString("F" + precision, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static JinjaValue RoundInteger(JinjaValue value, int precision)
    {
        if (precision >= 0 || !Numbers.TryGetInteger(value, out var integer))
        {
            return value;
        }

        var unit = BigInteger.Pow(10, -precision);
        var quotient = BigInteger.DivRem(integer, unit, out var rest);
        var twice = BigInteger.Abs(rest) * 2;
        var up = twice > unit || (twice == unit && !quotient.IsEven);
        return new JinjaInteger((quotient + (up ? integer.Sign : 0)) * unit);
    }

    private static double Scaled(double number, int precision, Func<double, double> round)
    {
        var scale = Math.Pow(10, precision);
        return round(number * scale) / scale;
    }

    private static BigInteger? TryParseInteger(string text, int radix)
    {
        var digits = text.Trim().Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        if (radix == 10)
        {
            return digits.Length <= 1000 && BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        }

        var negative = digits.StartsWith('-');
        digits = digits.TrimStart('-', '+');
        var prefix = radix switch { 16 => "0x", 8 => "0o", 2 => "0b", _ => null };
        digits = prefix is not null && digits.StartsWith(prefix, StringComparison.Ordinal) ? digits[2..] : digits;
        var value = BigInteger.Zero;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? c - 'a' + 10 : int.MaxValue;
            if (digit >= radix || digits.Length > 1000)
            {
                return null;
            }

            value = (value * radix) + digit;
        }

        return digits.Length == 0 ? null : negative ? -value : value;
    }

    private static double? ParseFloat(string text) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
}
