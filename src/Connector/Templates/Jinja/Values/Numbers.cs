using System.Globalization;
using System.Numerics;

namespace Connector.Templates.Jinja;

/// <summary>Python's numbers: booleans are integers, integers are unbounded, floats print their shortest form.</summary>
internal static class Numbers
{
    /// <summary>Bits an integer may grow to; Python has no limit, an untrusted template needs one.</summary>
    private const long MaxBits = 4096;

    public static bool TryGetInteger(JinjaValue value, out BigInteger integer)
    {
        (var found, integer) = value switch
        {
            JinjaInteger i => (true, i.Value),
            JinjaBoolean b => (true, b.Value ? BigInteger.One : BigInteger.Zero),
            _ => (false, BigInteger.Zero),
        };
        return found;
    }

    public static bool TryGetDouble(JinjaValue value, out double number)
    {
        if (value is JinjaFloat { Value: var real })
        {
            number = real;
            return true;
        }

        var found = TryGetInteger(value, out var integer);
        number = (double)integer;
        return found;
    }

    public static JinjaInteger Integer(BigInteger value) => value.GetBitLength() <= MaxBits
        ? new JinjaInteger(value)
        : throw new JinjaException("an integer grows too large");

    /// <summary>The value of <c>+ − * / // % **</c> on numbers, or null where an operand is none.</summary>
    public static JinjaValue? Arithmetic(BinaryOperator op, JinjaValue left, JinjaValue right)
    {
        if (TryGetInteger(left, out var a) && TryGetInteger(right, out var b))
        {
            return OfIntegers(op, a, b);
        }

        return TryGetDouble(left, out var x) && TryGetDouble(right, out var y) ? OfFloats(op, x, y) : null;
    }

    /// <summary>repr(float): the shortest digits that give the number back, with an exponent below 1e-4 and from 1e16 on.</summary>
    public static string Format(double value)
    {
        if (double.IsNaN(value))
        {
            return "nan";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "inf" : "-inf";
        }

        var scientific = value.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var exponent = value == 0 ? 0 : int.Parse(scientific.AsSpan(scientific.IndexOf('E', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
        var sign = shortest.StartsWith('-') ? "-" : "";
        var (digits, shift) = Digits(shortest.AsSpan(sign.Length));
        if (exponent is < -4 or >= 16)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(shift < 0 ? '-' : '+')}{Math.Abs(shift):00}";
        }

        if (shift < 0)
        {
            return sign + "0." + new string('0', -shift - 1) + digits;
        }

        return digits.Length <= shift + 1
            ? sign + digits.PadRight(shift + 1, '0') + ".0"
            : sign + digits[..(shift + 1)] + "." + digits[(shift + 1)..];
    }

    private static JinjaValue OfIntegers(BinaryOperator op, BigInteger a, BigInteger b)
    {
        if (b.IsZero && op is BinaryOperator.Divide or BinaryOperator.FloorDivide or BinaryOperator.Modulo)
        {
            throw new JinjaException("division by zero");
        }

        return op switch
        {
            BinaryOperator.Add => Integer(a + b),
            BinaryOperator.Subtract => Integer(a - b),
            BinaryOperator.Multiply => Integer(a * b),
            BinaryOperator.Divide => new JinjaFloat((double)a / (double)b),
            BinaryOperator.FloorDivide => Integer(FloorDivide(a, b)),
            BinaryOperator.Modulo => Integer(a - (FloorDivide(a, b) * b)),
            _ => Power(a, b),
        };
    }

    private static JinjaFloat OfFloats(BinaryOperator op, double x, double y)
    {
        if (y == 0 && op is BinaryOperator.Divide or BinaryOperator.FloorDivide or BinaryOperator.Modulo)
        {
            throw new JinjaException("float division by zero");
        }

        return new JinjaFloat(op switch
        {
            BinaryOperator.Add => x + y,
            BinaryOperator.Subtract => x - y,
            BinaryOperator.Multiply => x * y,
            BinaryOperator.Divide => x / y,
            BinaryOperator.FloorDivide => Math.Floor(x / y),
            BinaryOperator.Modulo => x - (Math.Floor(x / y) * y),
            _ => Math.Pow(x, y),
        });
    }

    private static JinjaValue Power(BigInteger a, BigInteger b)
    {
        if (b.Sign < 0)
        {
            return new JinjaFloat(Math.Pow((double)a, (double)b));
        }

        if (!a.IsZero && !a.IsOne && b * Math.Max(1, a.GetBitLength() - 1) > MaxBits)
        {
            throw new JinjaException("an integer grows too large");
        }

        return Integer(BigInteger.Pow(a, a.IsZero || a.IsOne ? b.IsZero ? 0 : 1 : (int)b));
    }

    private static BigInteger FloorDivide(BigInteger a, BigInteger b)
    {
        var quotient = BigInteger.DivRem(a, b, out var remainder);
        return !remainder.IsZero && remainder.Sign != b.Sign ? quotient - 1 : quotient;
    }

    /// <summary>The significant digits of an invariant number and the power of ten of the first.</summary>
    private static (string Digits, int Exponent) Digits(ReadOnlySpan<char> number)
    {
        var e = number.IndexOf('E');
        var exponent = e < 0 ? 0 : int.Parse(number[(e + 1)..], CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? number : number[..e];
        var point = mantissa.IndexOf('.');
        var whole = point < 0 ? mantissa : mantissa[..point];
        var all = string.Concat(whole, point < 0 ? [] : mantissa[(point + 1)..]);
        var leading = all.Length - all.TrimStart('0').Length;
        var digits = all.Trim('0');
        return digits.Length == 0 ? ("0", 0) : (digits, exponent + whole.Length - 1 - leading);
    }
}
