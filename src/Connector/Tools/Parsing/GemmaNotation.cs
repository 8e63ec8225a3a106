using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connector.Tools.Parsing;

/// <summary>Gemma 4's notation of values: JSON with <c>&lt;|"|&gt;</c> around strings and nothing around keys.</summary>
internal static class GemmaNotation
{
    /// <summary>What stands before and after a string.</summary>
    public const string Quote = "<|\"|>";

    public static bool TryRead(ref CallReader reader, out JsonNode? value)
    {
        value = null;
        reader.Space();
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return false;
        }

        if (reader.Literal(Quote))
        {
            var found = reader.Until(Quote, out var text);
            value = text;
            return found;
        }

        return reader.Peek switch
        {
            '{' => TryReadObject(ref reader, out value),
            '[' => TryReadArray(ref reader, out value),
            _ => TryReadScalar(ref reader, out value),
        };
    }

    public static void Write(CallWriter text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                text.Marker(Quote).Data(value.GetString()!).Marker(Quote);
                break;
            case JsonValueKind.Object:
                var separator = "{";
                foreach (var member in value.EnumerateObject())
                {
                    text.Marker(separator).Data(member.Name).Marker(":");
                    Write(text, member.Value);
                    separator = ",";
                }

                text.Marker(separator == "{" ? "{}" : "}");
                break;
            case JsonValueKind.Array:
                var comma = "[";
                foreach (var item in value.EnumerateArray())
                {
                    text.Marker(comma);
                    Write(text, item);
                    comma = ",";
                }

                text.Marker(comma == "[" ? "[]" : "]");
                break;
            case JsonValueKind.Undefined:
                text.Marker("{}");
                break;
            default:
                text.Data(value.GetRawText());
                break;
        }
    }

    private static bool TryReadObject(ref CallReader reader, out JsonNode? value)
    {
        var result = new JsonObject();
        value = result;
        reader.Literal("{");
        reader.Space();
        while (!reader.Literal("}"))
        {
            if (!TryReadKey(ref reader, out var key) || !reader.Literal(":") || !TryRead(ref reader, out var item))
            {
                return false;
            }

            result[key] = item;
            reader.Space();
            if (!reader.Literal(",") && reader.Peek != '}')
            {
                return false;
            }

            reader.Space();
        }

        return true;
    }

    private static bool TryReadKey(ref CallReader reader, out string key)
    {
        var found = reader.Literal(Quote) ? reader.Until(Quote, out key) : reader.Word(":{}[],", out key);
        key = key.Trim();
        return found && key.Length > 0;
    }

    private static bool TryReadArray(ref CallReader reader, out JsonNode? value)
    {
        var result = new JsonArray();
        value = result;
        reader.Literal("[");
        reader.Space();
        while (!reader.Literal("]"))
        {
            if (!TryRead(ref reader, out var item))
            {
                return false;
            }

            result.Add(item);
            reader.Space();
            if (!reader.Literal(",") && reader.Peek != ']')
            {
                return false;
            }

            reader.Space();
        }

        return true;
    }

    private static bool TryReadScalar(ref CallReader reader, out JsonNode? value)
    {
        value = null;
        if (!reader.Word(",]}", out var word))
        {
            return false;
        }

        // Without quotes it is no string; some templates print the constants as Python does.
        var text = word.Trim() switch { "None" => "null", "True" => "true", "False" => "false", var other => other };
        value = ToolJson.TryParse(text, out var json) && json.ValueKind != JsonValueKind.String ? JsonNode.Parse(text) : text;
        return text.Length > 0;
    }
}
