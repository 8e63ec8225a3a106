using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connector.Benchmarks.ToolCalling.Checks;

/// <summary>JSON as models write it: on one line, escapes only where JSON demands them (System.Text.Json always escapes emoji).</summary>
internal static class CanonicalJson
{
    public static string Text(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return text.ToString();
    }

    public static string Text(string value)
    {
        var text = new StringBuilder();
        WriteText(text, value);
        return text.ToString();
    }

    public static JsonElement Element(JsonNode? node)
    {
        using var document = JsonDocument.Parse(Text(node));
        return document.RootElement.Clone();
    }

    private static void Write(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                WriteList(text, '{', members, '}', member =>
                {
                    WriteText(text, member.Key);
                    text.Append(": ");
                    Write(text, member.Value);
                });
                break;
            case JsonArray items:
                WriteList(text, '[', items, ']', item => Write(text, item));
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                WriteText(text, value.GetValue<string>());
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }

    private static void WriteList<T>(StringBuilder text, char open, IEnumerable<T> items, char close, Action<T> write)
    {
        text.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            text.Append(isFirst ? "" : ", ");
            isFirst = false;
            write(item);
        }

        text.Append(close);
    }

    private static void WriteText(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }

        text.Append('"');
    }
}
