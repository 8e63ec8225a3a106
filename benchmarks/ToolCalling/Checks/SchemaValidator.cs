using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Connector.Benchmarks.ToolCalling.Checks;

/// <summary>
/// Whether a value fits a schema, checked the slow and obvious way, with nothing shared with the constraint engine. It
/// knows the keywords that tools use; another one that asserts something is an error rather than a silent yes.
/// </summary>
internal static class SchemaValidator
{
    private static readonly HashSet<string> s_annotations = new(StringComparer.Ordinal)
    {
        "description", "default", "title", "examples", "$schema", "$id", "$comment", "optional", "readOnly", "writeOnly", "deprecated",
    };

    /// <summary>What does not fit, with its place; null where all fits.</summary>
    /// <exception cref="NotSupportedException">The schema uses a keyword that is not known here.</exception>
    public static string? Fault(JsonElement schema, JsonElement value, string at = "$") => schema.ValueKind switch
    {
        JsonValueKind.True => null,
        JsonValueKind.False => $"{at} is not allowed",
        _ => schema.EnumerateObject().Select(keyword => Fault(schema, keyword, value, at)).FirstOrDefault(fault => fault is not null),
    };

    private static string? Fault(JsonElement schema, JsonProperty keyword, JsonElement value, string at) => keyword.Name switch
    {
        "type" => When(!Types(keyword.Value).Any(type => Is(value, type)), $"{at} is no {keyword.Value}"),
        "enum" => When(!keyword.Value.EnumerateArray().Any(option => JsonElement.DeepEquals(option, value)), $"{at} is none of {keyword.Value}"),
        "const" => When(!JsonElement.DeepEquals(keyword.Value, value), $"{at} is not {keyword.Value}"),
        "anyOf" => When(keyword.Value.EnumerateArray().All(s => Fault(s, value, at) is not null), $"{at} fits no branch of anyOf"),
        "oneOf" => When(keyword.Value.EnumerateArray().Count(s => Fault(s, value, at) is null) != 1, $"{at} does not fit exactly one branch of oneOf"),
        "allOf" => keyword.Value.EnumerateArray().Select(s => Fault(s, value, at)).FirstOrDefault(fault => fault is not null),
        "properties" or "required" or "additionalProperties" => value.ValueKind == JsonValueKind.Object ? ObjectFault(schema, keyword, value, at) : null,
        "items" or "minItems" or "maxItems" => value.ValueKind == JsonValueKind.Array ? ArrayFault(keyword, value, at) : null,
        "minLength" or "maxLength" or "pattern" or "format" => value.ValueKind == JsonValueKind.String ? TextFault(keyword, value.GetString()!, at) : null,
        "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" =>
            value.ValueKind == JsonValueKind.Number ? NumberFault(keyword, value.GetDouble(), at) : null,
        var name => s_annotations.Contains(name) ? null : throw new NotSupportedException($"The keyword '{name}' at {at} is not known to this validator."),
    };

    private static string? ObjectFault(JsonElement schema, JsonProperty keyword, JsonElement value, string at)
    {
        switch (keyword.Name)
        {
            case "properties":
                return keyword.Value.EnumerateObject()
                    .Select(p => value.TryGetProperty(p.Name, out var member) ? Fault(p.Value, member, $"{at}.{p.Name}") : null)
                    .FirstOrDefault(fault => fault is not null);
            case "required":
                return keyword.Value.EnumerateArray().Select(n => n.GetString()!)
                    .Where(name => !value.TryGetProperty(name, out _)).Select(name => $"{at}.{name} is missing").FirstOrDefault();
            default:
                return value.EnumerateObject()
                    .Where(member => !schema.TryGetProperty("properties", out var known) || !known.TryGetProperty(member.Name, out _))
                    .Select(member => Fault(keyword.Value, member.Value, $"{at}.{member.Name}")).FirstOrDefault(fault => fault is not null);
        }
    }

    private static string? ArrayFault(JsonProperty keyword, JsonElement value, string at) => keyword.Name switch
    {
        "items" => value.EnumerateArray().Select((item, i) => Fault(keyword.Value, item, $"{at}[{i}]")).FirstOrDefault(fault => fault is not null),
        "minItems" => When(value.GetArrayLength() < keyword.Value.GetInt32(), $"{at} has fewer than {keyword.Value} items"),
        _ => When(value.GetArrayLength() > keyword.Value.GetInt32(), $"{at} has more than {keyword.Value} items"),
    };

    private static string? TextFault(JsonProperty keyword, string text, string at) => keyword.Name switch
    {
        "minLength" => When(text.EnumerateRunes().Count() < keyword.Value.GetInt32(), $"{at} is shorter than {keyword.Value}"),
        "maxLength" => When(text.EnumerateRunes().Count() > keyword.Value.GetInt32(), $"{at} is longer than {keyword.Value}"),
        "pattern" => When(!Regex.IsMatch(text, keyword.Value.GetString()!, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1)), $"{at} does not match {keyword.Value}"),
        _ => When(
            keyword.Value.GetString() == "date" && !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            $"{at} is no date"),
    };

    private static string? NumberFault(JsonProperty keyword, double number, string at)
    {
        var bound = keyword.Value.GetDouble();
        return keyword.Name switch
        {
            "minimum" => When(number < bound, $"{at} is below {bound}"),
            "maximum" => When(number > bound, $"{at} is above {bound}"),
            "exclusiveMinimum" => When(number <= bound, $"{at} is not above {bound}"),
            _ => When(number >= bound, $"{at} is not below {bound}"),
        };
    }

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];

    private static bool Is(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        // 1.0 is an integer since draft 6.
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new NotSupportedException($"The type '{type}' is none of JSON Schema's."),
    };

    private static string? When(bool wrong, string fault) => wrong ? fault : null;
}
