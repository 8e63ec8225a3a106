using System.Text;
using System.Text.Json;

namespace Connector.Benchmarks.MaskBench;

/// <summary>The two usual ways to write JSON on one line; nothing beyond what JSON asks for is escaped.</summary>
internal static class JsonForms
{
    /// <summary>Writes a value compactly, or spaced: a space after each comma and colon.</summary>
    public static string Write(JsonElement value, bool spaced)
    {
        var text = new StringBuilder();
        Append(text, value, spaced ? ", " : ",", spaced ? ": " : ":");
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonElement value, string comma, string colon)
    {
        var separator = "";
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (var member in value.EnumerateObject())
                {
                    text.Append(separator);
                    AppendString(text, member.Name);
                    text.Append(colon);
                    Append(text, member.Value, comma, colon);
                    separator = comma;
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var item in value.EnumerateArray())
                {
                    text.Append(separator);
                    Append(text, item, comma, colon);
                    separator = comma;
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                AppendString(text, value.GetString()!);
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => text.Append($"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
