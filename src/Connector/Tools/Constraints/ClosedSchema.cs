using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connector.Tools.Constraints;

/// <summary>
/// A schema for generating instead of checking: an object that declares properties and says nothing of others has no
/// others, or as the arguments of a call a few. JSON Schema would allow any number, and a model that may add more at
/// every place does not stop.
/// </summary>
internal static class ClosedSchema
{
    /// <summary>The most undeclared arguments of a call whose tool declares some and says nothing of others.</summary>
    public const int MaxUndeclared = 4;

    /// <summary>Keywords by which an object says itself which other properties it has, or may need others.</summary>
    private static readonly string[] s_opening = ["additionalProperties", "patternProperties", "$ref", "anyOf", "oneOf", "minProperties", "propertyNames"];

    /// <summary>Keywords by which one object is described in several places, so that closing one of them could contradict another.</summary>
    private static readonly string[] s_composing = ["\"allOf\"", "\"if\"", "\"not\"", "\"$dynamicRef\"", "\"unevaluatedProperties\"", "\"dependentSchemas\"", "\"dependencies\""];

    /// <summary>The closed schema; the schema itself where closing it could contradict it.</summary>
    public static JsonElement Of(JsonElement schema) => Close(schema, closesRoot: true);

    /// <summary>
    /// The same for the arguments of a call, whose root keeps what the schema says: how many undeclared properties it may
    /// have is <see cref="UndeclaredAtRoot"/>.
    /// </summary>
    public static JsonElement OfArguments(JsonElement schema) => Close(schema, closesRoot: false);

    /// <summary>How many arguments may be generated that a tool does not declare: 0 to any number.</summary>
    public static int UndeclaredAtRoot(JsonElement schema) =>
        schema.ValueKind != JsonValueKind.Object ? int.MaxValue
        : ForbidsOthers(schema) ? 0
        : IsComposed(schema) || !Declares(schema) || Array.Exists(s_opening, keyword => schema.TryGetProperty(keyword, out _)) ? int.MaxValue
        : MaxUndeclared;

    /// <summary>Whether an object that declares properties says itself that it has others.</summary>
    public static bool AllowsOthers(JsonElement schema) =>
        schema.TryGetProperty("patternProperties", out _)
        || (schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind != JsonValueKind.False);

    /// <summary>What an object says of the values of its undeclared properties; undefined where it says nothing.</summary>
    public static JsonElement OtherValues(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.Object
            ? others
            : default;

    /// <summary>Whether an object says itself that it has no properties but the declared ones.</summary>
    public static bool ForbidsOthers(JsonElement schema) =>
        !schema.TryGetProperty("patternProperties", out _)
        && schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.False;

    private static bool Declares(JsonElement schema) =>
        schema.TryGetProperty("properties", out var declared) && declared.ValueKind == JsonValueKind.Object && declared.EnumerateObject().Any();

    private static bool IsComposed(JsonElement schema)
    {
        var text = schema.GetRawText();
        return Array.Exists(s_composing, keyword => text.Contains(keyword, StringComparison.Ordinal));
    }

    private static JsonElement Close(JsonElement schema, bool closesRoot)
    {
        if (schema.ValueKind != JsonValueKind.Object || IsComposed(schema))
        {
            return schema;
        }

        var node = JsonNode.Parse(schema.GetRawText())!.AsObject();
        var says = closesRoot || node.ContainsKey("additionalProperties");
        Close(node, mayClose: true);
        if (!says)
        {
            node.Remove("additionalProperties");
        }

        return JsonElement.Parse(node.ToJsonString());
    }

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
