using System.Globalization;
using System.Text;

namespace Connector.Templates.Jinja;

/// <summary>Python's str() and repr(), and what its string methods call white space.</summary>
internal static class PythonText
{
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    /// <summary>
    /// str(value). Strings keep their origin; what the engine writes for a number or constant counts as the template's.
    /// </summary>
    public static JinjaString Str(JinjaValue value, RenderBudget budget) => value switch
    {
        JinjaString text => text,
        JinjaUndefined => JinjaString.Empty,
        JinjaNone => JinjaString.Template("None"),
        JinjaBoolean { Value: var b } => JinjaString.Template(b ? "True" : "False"),
        JinjaInteger { Value: var i } => JinjaString.Template(i.ToString(CultureInfo.InvariantCulture)),
        JinjaFloat { Value: var d } => JinjaString.Template(Numbers.Format(d)),
        _ => Repr(value, budget),
    };

    /// <summary>repr(value). Quotes and punctuation count as data, so that they never help to spell a control token.</summary>
    public static JinjaString Repr(JinjaValue value, RenderBudget budget)
    {
        var result = new JinjaStringBuilder(budget);
        Write(value, result, budget);
        return result.ToJinjaString();
    }

    private static void Write(JinjaValue value, JinjaStringBuilder result, RenderBudget budget)
    {
        budget.Enter();
        switch (value)
        {
            case JinjaString text:
                WriteString(text, result);
                break;
            case JinjaUndefined:
                result.Append("Undefined", false);
                break;
            case JinjaList list:
                WriteItems("[", list, "]", result, budget);
                break;
            case JinjaTuple tuple:
                WriteItems("(", tuple, tuple.Count == 1 ? ",)" : ")", result, budget);
                break;
            case JinjaView view:
                result.Append(view.TypeName + "(", false);
                WriteItems("[", view, "])", result, budget);
                break;
            case JinjaDictionary dictionary:
                var separator = "{";
                foreach (var (key, item) in dictionary.Entries)
                {
                    result.Append(separator, false);
                    Write(key, result, budget);
                    result.Append(": ", false);
                    Write(item, result, budget);
                    separator = ", ";
                }

                result.Append(dictionary.Entries.Count == 0 ? "{}" : "}", false);
                break;
            case JinjaNone or JinjaBoolean or JinjaInteger or JinjaFloat:
                result.Append(Str(value, budget).Text, false);
                break;
            case JinjaRange range:
                result.Append(range.ToString(), false);
                break;
            default:
                result.Append($"<{value.TypeName} object>", false);
                break;
        }

        budget.Leave();
    }

    private static void WriteItems(string open, JinjaValue items, string close, JinjaStringBuilder result, RenderBudget budget)
    {
        result.Append(open, false);
        var separator = "";
        foreach (var item in items.Items!)
        {
            result.Append(separator, false);
            Write(item, result, budget);
            separator = ", ";
        }

        result.Append(close, false);
    }

    private static void WriteString(JinjaString text, JinjaStringBuilder result)
    {
        var quote = text.Text.Contains('\'', StringComparison.Ordinal) && !text.Text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        result.Append([quote], false);
        foreach (var run in text.Runs)
        {
            var escaped = new StringBuilder();
            foreach (var rune in text.Text.AsSpan(run.Start, run.Length).EnumerateRunes())
            {
                AppendEscaped(escaped, rune, quote);
            }

            result.Append(escaped.ToString(), run.IsTemplate);
        }

        result.Append([quote], false);
    }

    private static void AppendEscaped(StringBuilder target, Rune rune, char quote)
    {
        var code = rune.Value;
        _ = code switch
        {
            '\n' => target.Append("\\n"),
            '\r' => target.Append("\\r"),
            '\t' => target.Append("\\t"),
            '\\' => target.Append("\\\\"),
            _ when code == quote => target.Append('\\').Append(quote),
            ' ' => target.Append(' '),
            _ when IsPrintable(rune) => target.Append(rune.ToString()),
            < 0x100 => target.Append(CultureInfo.InvariantCulture, $"\\x{code:x2}"),
            < 0x10000 => target.Append(CultureInfo.InvariantCulture, $"\\u{code:x4}"),
            _ => target.Append(CultureInfo.InvariantCulture, $"\\U{code:x8}"),
        };
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);
}
