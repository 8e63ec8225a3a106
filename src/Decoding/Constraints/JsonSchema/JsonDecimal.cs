using System.Globalization;
using System.Numerics;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>A JSON number without rounding: <see cref="Digits"/> × 10^<see cref="Exponent"/>, without trailing zeros.</summary>
internal readonly record struct JsonDecimal(BigInteger Digits, int Exponent)
{
    private const int MaxDigits = 400;

    /// <summary>Reads a JSON number; false where it has more than some hundreds of digits when written out.</summary>
    public static bool TryParse(string text, out JsonDecimal value)
    {
        value = default;
        var e = text.IndexOfAny(['e', 'E']);
        var exponent = 0L;
        if (e >= 0 && !long.TryParse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return false;
        }

        var mantissa = e < 0 ? text : text[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            exponent -= mantissa.Length - point - 1;
            mantissa = mantissa.Remove(point, 1);
        }

        if (mantissa.Length > MaxDigits || Math.Abs(exponent) > MaxDigits)
        {
            return false;
        }

        var digits = BigInteger.Parse(mantissa, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        while (!digits.IsZero && digits % 10 == 0)
        {
            digits /= 10;
            exponent++;
        }

        value = new JsonDecimal(digits, digits.IsZero ? 0 : (int)exponent);
        return true;
    }

    /// <summary>−1, 0 or 1.</summary>
    public int Sign => Digits.Sign;

    /// <summary>The digits before the point, of the absolute value; "0" where it is less than one.</summary>
    public string IntegerDigits
    {
        get
        {
            var digits = Magnitude;
            return Exponent >= 0 ? digits + new string('0', Exponent)
                : digits.Length > -Exponent ? digits[..^-Exponent] : "0";
        }
    }

    /// <summary>The digits after the point, without trailing zeros; empty for an integer.</summary>
    public string FractionDigits => Exponent >= 0 ? "" : Magnitude.PadLeft(-Exponent, '0')[^-Exponent..];

    private string Magnitude => BigInteger.Abs(Digits).ToString(CultureInfo.InvariantCulture);

    /// <summary>The value without an exponent.</summary>
    public override string ToString() =>
        (Sign < 0 ? "-" : "") + IntegerDigits + (FractionDigits.Length > 0 ? "." + FractionDigits : "");
}
