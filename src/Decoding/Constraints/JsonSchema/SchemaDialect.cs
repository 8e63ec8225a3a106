using System.Text.Json;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>The drafts whose keywords differ in meaning.</summary>
internal enum SchemaDialect
{
    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}

internal static class SchemaDialects
{
    /// <summary>The draft that a schema's <c>$schema</c> names; 2020-12 where it names none or one that is not known.</summary>
    public static SchemaDialect Of(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("$schema", out var uri) || uri.ValueKind != JsonValueKind.String)
        {
            return SchemaDialect.Draft2020;
        }

        var name = uri.GetString()!;
        return name switch
        {
            _ when name.Contains("draft-04", StringComparison.Ordinal) || name.Contains("draft-03", StringComparison.Ordinal) => SchemaDialect.Draft4,
            _ when name.Contains("draft-06", StringComparison.Ordinal) => SchemaDialect.Draft6,
            _ when name.Contains("draft-07", StringComparison.Ordinal) => SchemaDialect.Draft7,
            _ when name.Contains("2019-09", StringComparison.Ordinal) => SchemaDialect.Draft2019,
            _ => SchemaDialect.Draft2020,
        };
    }

    /// <summary>Whether a <c>$ref</c> makes its siblings void.</summary>
    public static bool RefIgnoresSiblings(this SchemaDialect dialect) => dialect < SchemaDialect.Draft2019;

    /// <summary>The keyword that gives a schema its URI.</summary>
    public static string IdKeyword(this SchemaDialect dialect) => dialect == SchemaDialect.Draft4 ? "id" : "$id";
}
