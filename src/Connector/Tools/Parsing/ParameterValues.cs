using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connector.Tools.Parsing;

/// <summary>Arguments whose values a model wrote as plain text: the parameter's schema tells what each is.</summary>
internal sealed class ParameterValues
{
    private readonly JsonObject _arguments = [];

    /// <summary>Adds a value.</summary>
    /// <param name="key">The parameter.</param>
    /// <param name="text">What the model wrote.</param>
    /// <param name="isString">Whether it said that this is a string, or null.</param>
    /// <param name="schema">The parameter's schema, or null where the tool does not declare it.</param>
    public void Add(string key, string text, bool? isString, JsonElement? schema) =>
        _arguments[key] = isString == true ? text : Read(text, isString == false ? null : schema);

    public string ToJson() => _arguments.ToJsonString();

    private static JsonNode? Read(string text, JsonElement? schema)
    {
        var types = schema is { } element ? ParameterTypes.Of(element) : ParameterTypes.Any;
        if (types == ParameterTypes.Text)
        {
            return text;
        }

        // Python's spelling of the constants is what some families were taught.
        var json = text.Trim() switch { "True" => "true", "False" => "false", "None" => "null", var other => other };
        return ToolJson.TryParse(json, out var value) && types.Allows(value.ValueKind) ? JsonNode.Parse(json) : text;
    }
}

/// <summary>The kinds of values a parameter's schema allows, as far as its types say.</summary>
/// <param name="Names">The type names; null for any.</param>
internal sealed record ParameterTypes(IReadOnlySet<string>? Names)
{
    private static readonly string[] s_text = ["string"];

    public static ParameterTypes Any { get; } = new((IReadOnlySet<string>?)null);

    public static ParameterTypes Text { get; } = new(s_text.ToHashSet(StringComparer.Ordinal));

    /// <summary>Whether a string is allowed.</summary>
    public bool AllowsText => Names is null || Names.Contains("string");

    /// <summary>Whether only strings are allowed.</summary>
    public bool IsText => Names is { Count: 1 } && Names.Contains("string");

    public static ParameterTypes Of(JsonElement schema)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var known = Collect(schema, names);
        return !known ? Any : names.SetEquals(s_text) ? Text : new ParameterTypes(names);
    }

    public bool Allows(JsonValueKind kind) => Names is null || kind switch
    {
        JsonValueKind.String => Names.Contains("string"),
        JsonValueKind.Number => Names.Contains("number") || Names.Contains("integer"),
        JsonValueKind.True or JsonValueKind.False => Names.Contains("boolean"),
        JsonValueKind.Null => Names.Contains("null"),
        JsonValueKind.Array => Names.Contains("array"),
        _ => Names.Contains("object"),
    };

    private static bool Collect(JsonElement schema, HashSet<string> names)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        if (schema.TryGetProperty("type", out var type))
        {
            names.UnionWith(type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.ToString()) : [type.ToString()]);
            return true;
        }

        foreach (var keyword in new[] { "anyOf", "oneOf" })
        {
            if (schema.TryGetProperty(keyword, out var options) && options.ValueKind == JsonValueKind.Array)
            {
                return options.EnumerateArray().All(o => Collect(o, names));
            }
        }

        if (schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array)
        {
            names.UnionWith(values.EnumerateArray().Select(TypeOf));
            return true;
        }

        return false;
    }

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Null => "null",
        JsonValueKind.Array => "array",
        _ => "object",
    };
}
