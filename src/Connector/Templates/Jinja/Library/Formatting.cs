using System.Globalization;
using System.Numerics;
using System.Text;

namespace Connector.Templates.Jinja;

/// <summary>Python's <c>"…".format(…)</c> and <c>"…" % …</c>, without attribute access.</summary>
internal static class Formatting
{
    private const int MaxWidth = 10_000;

    public static JinjaString Format(JinjaString format, CallArguments arguments, RenderBudget budget)
    {
        var result = new JinjaStringBuilder(budget);
        var text = format.Text;
        var next = 0;
        var from = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('{' or '}'))
            {
                continue;
            }

            result.Append(format.Slice(from, i - from));
            if (i + 1 < text.Length && text[i + 1] == text[i])
            {
                result.Append(format.Slice(i, 1));
                from = ++i + 1;
                continue;
            }

            var end = text[i] == '{' ? text.IndexOf('}', i) : -1;
            if (end < 0)
            {
                throw new JinjaException("format(): single brace in the format string");
            }

            result.Append(Field(text[(i + 1)..end], arguments, ref next, budget));
            (i, from) = (end, end + 1);
        }

        result.Append(format.Slice(from));
        return result.ToJinjaString();
    }

    public static JinjaString Percent(JinjaString format, JinjaValue values, RenderBudget budget)
    {
        var result = new JinjaStringBuilder(budget);
        var queue = new Queue<JinjaValue>(values is JinjaTuple tuple ? tuple.Items : [values]);
        var text = format.Text;
        var from = 0;
        for (var i = text.IndexOf('%', StringComparison.Ordinal); i >= 0; i = from > text.Length ? -1 : text.IndexOf('%', from))
        {
            result.Append(format.Slice(from, i - from));
            var end = i + 1;
            var value = (JinjaValue?)null;
            if (end < text.Length && text[end] == '(' && text.IndexOf(')', end) is > 0 and var close)
            {
                value = values is JinjaDictionary named ? named.Find(text[(end + 1)..close]) : null;
                end = close + 1;
            }

            var flags = end;
            while (end < text.Length && text[end] is '-' or '+' or ' ' or '#' or '.' or (>= '0' and <= '9'))
            {
                end++;
            }

            if (end == text.Length)
            {
                throw new JinjaException("incomplete format after %");
            }

            from = end + 1;
            if (text[end] == '%')
            {
                result.Append(format.Slice(end, 1));
                continue;
            }

            value ??= queue.TryDequeue(out var item) ? item : throw new JinjaException("not enough arguments for format string");
            result.Append(PercentField(value, text[flags..end], text[end], budget));
        }

        result.Append(format.Slice(from));
        return queue.Count == 0 || values is JinjaDictionary
            ? result.ToJinjaString()
            : throw new JinjaException("not all arguments converted during string formatting");
    }

    private static JinjaString PercentField(JinjaValue value, string flags, char type, RenderBudget budget)
    {
        // printf aligns right unless told otherwise; format() aligns text left.
        var left = flags.StartsWith('-');
        var spec = flags.TrimStart('-') is { Length: > 0 } width ? (left ? "<" : width.StartsWith('0') ? "" : ">") + width : "";
        return type switch
        {
            's' => Apply(PythonText.Str(value, budget), spec, budget),
            'r' => Apply(PythonText.Repr(value, budget), spec, budget),
            'd' or 'i' or 'u' when value is JinjaFloat { Value: var d } => Apply(new JinjaInteger(new BigInteger(Math.Truncate(d))), spec + "d", budget),
            'd' or 'i' or 'u' => Apply(value, spec + "d", budget),
            'f' or 'F' or 'e' or 'E' or 'g' or 'G' or 'x' or 'X' or 'o' => Apply(value, spec + type, budget),
            _ => throw new JinjaException($"unsupported format character '{type}'"),
        };
    }

    private static JinjaString Field(string field, CallArguments arguments, ref int next, RenderBudget budget)
    {
        var colon = field.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? field : field[..colon];
        var bang = name.IndexOf('!', StringComparison.Ordinal);
        var conversion = bang < 0 ? "" : name[(bang + 1)..];
        name = bang < 0 ? name : name[..bang];
        JinjaValue? value;
        if (name.Length == 0 || int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            var index = name.Length == 0 ? next++ : int.Parse(name, CultureInfo.InvariantCulture);
            value = index < arguments.Positional.Count ? arguments.Positional[index] : null;
        }
        else
        {
            value = arguments.Named.GetValueOrDefault(name);
        }

        if (value is null)
        {
            throw new JinjaException($"format(): no argument for '{{{field}}}'");
        }

        value = conversion switch
        {
            "" => value,
            "r" => PythonText.Repr(value, budget),
            "s" => PythonText.Str(value, budget),
            _ => throw new JinjaException($"format(): unknown conversion '!{conversion}'"),
        };
        return Apply(value, colon < 0 ? "" : field[(colon + 1)..], budget);
    }

    /// <summary>format(value, spec) for <c>[[fill]align][sign][0][width][,][.precision][type]</c>.</summary>
    private static JinjaString Apply(JinjaValue value, string spec, RenderBudget budget)
    {
        if (spec.Length == 0)
        {
            return PythonText.Str(value, budget);
        }

        var i = 0;
        var fill = ' ';
        var align = value is JinjaString ? '<' : '>';
        if (spec.Length > 1 && spec[1] is '<' or '>' or '^')
        {
            (fill, align, i) = (spec[0], spec[1], 2);
        }
        else if (spec[0] is '<' or '>' or '^')
        {
            (align, i) = (spec[0], 1);
        }

        var sign = i < spec.Length && spec[i] is '+' or ' ' ? spec[i++] : '-';
        var zero = i < spec.Length && spec[i] == '0';
        var width = ReadNumber(spec, ref i) ?? 0;
        var grouped = i < spec.Length && spec[i] == ',';
        i += grouped ? 1 : 0;
        int? precision = null;
        if (i < spec.Length && spec[i] == '.')
        {
            i++;
            precision = ReadNumber(spec, ref i);
        }

        var type = i < spec.Length ? spec[i++] : '\0';
        if (i < spec.Length)
        {
            throw new JinjaException($"invalid format specifier '{spec}'");
        }

        if (value is JinjaString text)
        {
            return Fill(precision is { } most && most < text.Text.Length ? text.Slice(0, most) : text, width, fill, align, budget);
        }

        var digits = Number(value, type, precision, grouped);
        var negative = digits.StartsWith('-');
        var shown = (negative ? "-" : sign == '-' ? "" : sign.ToString()) + (negative ? digits[1..] : digits);
        if (zero && shown.Length < width)
        {
            var signLength = shown.Length - digits.TrimStart('-').Length;
            shown = shown[..signLength] + shown[signLength..].PadLeft(width - signLength, '0');
        }

        return Fill(JinjaString.Template(shown), width, fill, align, budget);
    }

    private static int? ReadNumber(string spec, ref int i)
    {
        var start = i;
        while (i < spec.Length && char.IsAsciiDigit(spec[i]))
        {
            i++;
        }

        if (i == start)
        {
            return null;
        }

        return int.TryParse(spec.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxWidth
            ? number
            : throw new JinjaException("the width or precision is too large");
    }

    private static string Number(JinjaValue value, char type, int? precision, bool grouped)
    {
        var culture = CultureInfo.InvariantCulture;
        if (Numbers.TryGetInteger(value, out var integer) && type is '\0' or 'd' or 'x' or 'X' or 'o' or 'b')
        {
            return type switch
            {
                'x' or 'X' or 'o' or 'b' => (integer.Sign < 0 ? "-" : "") + InRadix(BigInteger.Abs(integer), type),
                _ => integer.ToString(grouped ? "N0" : "D", culture),
            };
        }

        if (!Numbers.TryGetDouble(value, out var number))
        {
            throw new JinjaException($"unsupported format for '{value.TypeName}'");
        }

        return type switch
        {
            'f' or 'F' => number.ToString((grouped ? "N" : "F") + (precision ?? 6), culture),
            'e' or 'E' => Exponential(number, precision ?? 6, type),
            '%' => (number * 100).ToString("F" + (precision ?? 6), culture) + "%",
            '\0' when precision is null => Numbers.Format(number),
            'g' or 'G' or '\0' => number.ToString("G" + (precision ?? 6), culture),
            _ => throw new JinjaException($"unknown format code '{type}'"),
        };
    }

    private static string Exponential(double number, int precision, char type) =>
        number.ToString($"0.{new string('0', precision)}{type}+00", CultureInfo.InvariantCulture);

    private static string InRadix(BigInteger value, char type)
    {
        var (radix, letters) = type switch { 'o' => (8, "01234567"), 'b' => (2, "01"), 'X' => (16, "0123456789ABCDEF"), _ => (16, "0123456789abcdef") };
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, letters[(int)(value % radix)]);
            value /= radix;
        }
        while (!value.IsZero);
        return digits.ToString();
    }

    private static JinjaString Fill(JinjaString text, int width, char fill, char align, RenderBudget budget)
    {
        var missing = Math.Max(0, width - text.Length!.Value);
        var left = align switch { '<' => 0, '>' => missing, _ => missing / 2 };
        return Operators.Concat(budget, JinjaString.Template(new string(fill, left)), text, JinjaString.Template(new string(fill, missing - left)));
    }
}
