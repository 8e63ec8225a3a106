using System.Globalization;
using System.Text.Json;

namespace Connector.Decoding.Constraints.JsonSchema;

internal static class JsonPointers
{
    /// <summary>The child that one step of a JSON pointer (RFC 6901, ~0 and ~1 still escaped) names; null where there is none.</summary>
    public static JsonElement? Step(JsonElement element, string step) => element.ValueKind switch
    {
        JsonValueKind.Object => element.TryGetProperty(
            step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out var child) ? child : null,
        JsonValueKind.Array => int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < element.GetArrayLength() ? element[index] : null,
        _ => null,
    };
}
