using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connector.Tools.Constraints;

/// <summary>
/// A schema for generating instead of checking: an object that declares properties and says nothing of others has no
/// others. JSON Schema would allow any, and a model that may add some does not stop.
/// </summary>
internal static class ClosedSchema
{
    /// <summary>Keywords by which an object says itself which other properties it has.</summary>
    private static readonly string[] s_opening = ["additionalProperties", "patternProperties", "$ref", "anyOf", "oneOf"];

    /// <summary>Keywords by which one object is described in several places, so that closing one of them could contradict another.</summary>
    private static readonly string[] s_composing = ["\"allOf\"", "\"if\"", "\"not\"", "\"$dynamicRef\"", "\"unevaluatedProperties\"", "\"dependentSchemas\"", "\"dependencies\""];

    /// <summary>The closed schema; the schema itself where closing it could contradict it.</summary>
    public static JsonElement Of(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return schema;
        }

        var text = schema.GetRawText();
        if (Array.Exists(s_composing, keyword => text.Contains(keyword, StringComparison.Ordinal)))
        {
            return schema;
        }

        var node = JsonNode.Parse(text);
        Close(node, mayClose: true);
        return JsonElement.Parse(node!.ToJsonString());
    }

    /// <summary>Whether an object that declares properties says itself that it has others.</summary>
    public static bool AllowsOthers(JsonElement schema) =>
        schema.TryGetProperty("patternProperties", out _)
        || (schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind != JsonValueKind.False);

    /// <summary>Whether an object says itself that it has no properties but the declared ones.</summary>
    public static bool ForbidsOthers(JsonElement schema) =>
        !schema.TryGetProperty("patternProperties", out _)
        && schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.False;

    private static void Close(JsonNode? node, bool mayClose)
    {
        if (node is not JsonObject schema)
        {
            return;
        }

        var declares = schema["properties"] is JsonObject { Count: > 0 };
        if (declares && mayClose && !Array.Exists(s_opening, schema.ContainsKey))
        {
            schema["additionalProperties"] = false;
        }

        foreach (var name in (string[])["properties", "$defs", "definitions"])
        {
            foreach (var (_, member) in schema[name] as JsonObject ?? [])
            {
                Close(member, mayClose: true);
            }
        }

        Close(schema["items"], mayClose: true);
        Close(schema["additionalProperties"], mayClose: true);
        foreach (var item in schema["prefixItems"] as JsonArray ?? [])
        {
            Close(item, mayClose: true);
        }

        // An alternative describes the same object as the schema that it stands in.
        foreach (var alternative in (schema["anyOf"] as JsonArray ?? []).Concat(schema["oneOf"] as JsonArray ?? []))
        {
            Close(alternative, mayClose && !declares);
        }
    }
}
