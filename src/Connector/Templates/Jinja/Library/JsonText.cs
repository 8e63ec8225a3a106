using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Connector.Templates.Jinja;

/// <summary>How json.dumps is to write.</summary>
/// <param name="EnsureAscii">Whether all but ASCII is escaped. Chat templates' default: no.</param>
/// <param name="Indent">What one level is indented by; null (default): one line.</param>
/// <param name="ItemSeparator">Between items. Python's default: ", ", or "," where lines are indented.</param>
/// <param name="KeySeparator">Between key and value. Python's default: ": ".</param>
/// <param name="SortKeys">Whether keys are sorted. Default: they keep their order.</param>
internal sealed record JsonStyle(
    bool EnsureAscii = false,
    string? Indent = null,
    string ItemSeparator = ", ",
    string KeySeparator = ": ",
    bool SortKeys = false);

/// <summary>Python's json module: dumps as chat templates' tojson uses it, and loads.</summary>
internal static class JsonText
{
    public static JinjaString Write(JinjaValue value, JsonStyle style, RenderBudget budget)
    {
        var writer = new Writer(style, budget);
        writer.Write(value, 0);
        return writer.Result.ToJinjaString();
    }

    /// <summary>A value read from JSON; its strings have the origin of the text.</summary>
    public static JinjaValue Read(JinjaString text, RenderBudget budget)
    {
        budget.Step(text.Text.Length);
        try
        {
            using var document = JsonDocument.Parse(text.Text);
            return FromJson(document.RootElement, text.IsAllTemplate);
        }
        catch (JsonException e)
        {
            throw new JinjaException($"invalid JSON: {e.Message}");
        }
    }

    /// <summary>A JSON value as a template sees it. Strings and keys count as data unless the template wrote them.</summary>
    public static JinjaValue FromJson(JsonElement element, bool isTemplate = false)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var dictionary = new JinjaDictionary();
                foreach (var property in element.EnumerateObject())
                {
                    dictionary.Entries[OfOrigin(property.Name, isTemplate)] = FromJson(property.Value, isTemplate);
                }

                return dictionary;
            case JsonValueKind.Array:
                return new JinjaList(element.EnumerateArray().Select(e => FromJson(e, isTemplate)));
            case JsonValueKind.String:
                return OfOrigin(element.GetString()!, isTemplate);
            case JsonValueKind.Number:
                return FromNumber(element.GetRawText());
            case JsonValueKind.True or JsonValueKind.False:
                return JinjaBoolean.Of(element.ValueKind == JsonValueKind.True);
            default:
                return JinjaNone.Instance;
        }
    }

    private static JinjaString OfOrigin(string text, bool isTemplate) => isTemplate ? JinjaString.Template(text) : JinjaString.Data(text);

    // An integer of a thousand digits is nobody's parameter, but must not stop a template.
    private static JinjaValue FromNumber(string digits) => digits.Length > 1000 || digits.AsSpan().ContainsAny('.', 'e', 'E')
        ? new JinjaFloat(double.Parse(digits, CultureInfo.InvariantCulture))
        : Numbers.Integer(BigInteger.Parse(digits, CultureInfo.InvariantCulture));

    private sealed class Writer(JsonStyle style, RenderBudget budget)
    {
        public JinjaStringBuilder Result { get; } = new(budget);

        public void Write(JinjaValue value, int level)
        {
            budget.Enter();
            switch (value)
            {
                case JinjaString text:
                    WriteString(text);
                    break;
                case JinjaNone:
                    Result.Append("null", false);
                    break;
                case JinjaBoolean { Value: var b }:
                    Result.Append(b ? "true" : "false", false);
                    break;
                case JinjaInteger or JinjaFloat:
                    Result.Append(Number(value), false);
                    break;
                case JinjaList or JinjaTuple:
                    WriteItems('[', value.Items!.ToList(), ']', level, item => Write(item, level + 1));
                    break;
                case JinjaDictionary dictionary:
                    WriteItems('{', Sorted(dictionary), '}', level, entry =>
                    {
                        WriteString(Key(entry.Key));
                        Result.Append(style.KeySeparator, false);
                        Write(entry.Value, level + 1);
                    });
                    break;
                default:
                    throw new JinjaException($"Object of type {value.TypeName} is not JSON serializable");
            }

            budget.Leave();
        }

        private static string Number(JinjaValue value) => value switch
        {
            JinjaFloat { Value: var d } when double.IsNaN(d) => "NaN",
            JinjaFloat { Value: var d } when double.IsInfinity(d) => d > 0 ? "Infinity" : "-Infinity",
            JinjaFloat { Value: var d } => Numbers.Format(d),
            _ => ((JinjaInteger)value).Value.ToString(CultureInfo.InvariantCulture),
        };

        private static JinjaString Key(JinjaValue key) => key switch
        {
            JinjaString text => text,
            JinjaNone => JinjaString.Template("null"),
            JinjaBoolean { Value: var b } => JinjaString.Template(b ? "true" : "false"),
            JinjaInteger or JinjaFloat => JinjaString.Template(Number(key)),
            _ => throw new JinjaException($"keys must be str, int, float, bool or None, not {key.TypeName}"),
        };

        private IReadOnlyList<KeyValuePair<JinjaValue, JinjaValue>> Sorted(JinjaDictionary dictionary) => style.SortKeys
            ? [.. dictionary.Entries.OrderBy(e => Key(e.Key).Text, StringComparer.Ordinal)]
            : [.. dictionary.Entries];

        private void WriteItems<T>(char open, IReadOnlyList<T> items, char close, int level, Action<T> write)
        {
            Result.Append([open], false);
            for (var i = 0; i < items.Count; i++)
            {
                budget.Step();
                if (i > 0)
                {
                    Result.Append(style.ItemSeparator, false);
                }

                NewLine(level + 1);
                write(items[i]);
            }

            if (items.Count > 0)
            {
                NewLine(level);
            }

            Result.Append([close], false);
        }

        private void NewLine(int level)
        {
            if (style.Indent is not null)
            {
                Result.Append("\n", false);
                for (var i = 0; i < level; i++)
                {
                    Result.Append(style.Indent, false);
                }
            }
        }

        private void WriteString(JinjaString text)
        {
            Result.Append("\"", false);
            foreach (var run in text.Runs)
            {
                var escaped = new StringBuilder(run.Length);
                foreach (var c in text.Text.AsSpan(run.Start, run.Length))
                {
                    AppendEscaped(escaped, c);
                }

                Result.Append(escaped.ToString(), run.IsTemplate);
            }

            Result.Append("\"", false);
        }

        private void AppendEscaped(StringBuilder target, char c)
        {
            _ = c switch
            {
                '"' => target.Append("\\\""),
                '\\' => target.Append("\\\\"),
                '\n' => target.Append("\\n"),
                '\r' => target.Append("\\r"),
                '\t' => target.Append("\\t"),
                '\b' => target.Append("\\b"),
                '\f' => target.Append("\\f"),
                < ' ' => target.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                > '~' when style.EnsureAscii => target.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => target.Append(c),
            };
        }
    }
}
