using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Connector.TestSupport.JsonSchema;

/// <summary>A JSON number as a fraction of integers: nothing is rounded.</summary>
internal readonly record struct ExactNumber(BigInteger Numerator, BigInteger Denominator)
{
    public bool IsInteger => (Numerator % Denominator).IsZero;

    public static ExactNumber Of(JsonElement element)
    {
        var parts = element.GetRawText().ToUpperInvariant().Split('E');
        var exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        exponent -= point < 0 ? 0 : parts[0].Length - point - 1;
        var digits = BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return exponent >= 0
            ? new ExactNumber(digits * BigInteger.Pow(10, exponent), BigInteger.One)
            : new ExactNumber(digits, BigInteger.Pow(10, -exponent));
    }

    public int Compare(ExactNumber other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    public bool IsMultipleOf(ExactNumber divisor) => (Numerator * divisor.Denominator % (divisor.Numerator * Denominator)).IsZero;
}

/// <summary>Equality as JSON Schema means it: numbers by value, objects without order.</summary>
internal static class JsonEquality
{
    public static bool AreEqual(JsonElement x, JsonElement y)
    {
        if (x.ValueKind != y.ValueKind)
        {
            return false;
        }

        switch (x.ValueKind)
        {
            case JsonValueKind.Number:
                return ExactNumber.Of(x).Compare(ExactNumber.Of(y)) == 0;
            case JsonValueKind.String:
                return x.GetString() == y.GetString();
            case JsonValueKind.Array:
                return x.GetArrayLength() == y.GetArrayLength() && x.EnumerateArray().Zip(y.EnumerateArray()).All(p => AreEqual(p.First, p.Second));
            case JsonValueKind.Object:
                return x.EnumerateObject().Count() == y.EnumerateObject().Count()
                    && x.EnumerateObject().All(m => y.TryGetProperty(m.Name, out var other) && AreEqual(m.Value, other));
            default:
                return true;
        }
    }
}

/// <summary>ECMA-262 patterns by way of .NET's engine: a translation of the text of the pattern where the two differ.</summary>
internal static class EcmaRegex
{
    public static bool IsMatch(string pattern, string text) =>
        new Regex(Translate(pattern), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5)).IsMatch(text);

    private static string Translate(string pattern)
    {
        var result = new StringBuilder();
        var isInClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                var next = pattern[++i];
                result.Append(next switch
                {
                    'd' => isInClass ? "0-9" : "[0-9]",
                    'w' => isInClass ? "a-zA-Z0-9_" : "[a-zA-Z0-9_]",
                    'D' when !isInClass => "[^0-9]",
                    'W' when !isInClass => "[^a-zA-Z0-9_]",
                    's' or 'S' or 'D' or 'W' or 'b' or 'B' or 'n' or 'r' or 't' or 'f' or 'v' or 'p' or 'P' or 'u' or 'x' or 'c' or '0' => "\\" + next,
                    _ => Regex.Escape(next.ToString()).Replace("-", "\\-", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal),
                });
                continue;
            }

            isInClass = isInClass ? c != ']' : c == '[';
            result.Append((c, isInClass) switch
            {
                ('$', false) => "\\z",
                ('.', false) => "(?:[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]|[^\\n\\r\\u2028\\u2029])",
                ('[', true) when result.Length > 0 && i > 0 && pattern[i - 1] == '[' => "\\[",
                _ => c.ToString(),
            });
        }

        return result.ToString();
    }
}
