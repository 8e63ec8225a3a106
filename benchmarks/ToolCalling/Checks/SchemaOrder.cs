using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connector.Benchmarks.ToolCalling.Checks;

/// <summary>Brings the properties of a value into the order in which its schema declares them; those it does not declare come last.</summary>
internal static class SchemaOrder
{
    public static JsonElement Arrange(JsonElement schema, JsonElement value) => CanonicalJson.Element(Node(schema, value));

    private static JsonNode? Node(JsonElement schema, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            var items = Part(schema, "items");
            return new JsonArray([.. value.EnumerateArray().Select(item => Node(items, item))]);
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return value.ValueKind == JsonValueKind.Null ? null : JsonValue.Create(value);
        }

        var declared = Part(schema, "properties");
        var names = declared.ValueKind == JsonValueKind.Object ? declared.EnumerateObject().Select(p => p.Name).ToList() : [];
        var result = new JsonObject();
        foreach (var member in value.EnumerateObject().OrderBy(m => names.IndexOf(m.Name) is >= 0 and var index ? index : names.Count))
        {
            result[member.Name] = Node(Part(declared, member.Name), member.Value);
        }

        return result;
    }

    private static JsonElement Part(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var part) ? part : default;
}
