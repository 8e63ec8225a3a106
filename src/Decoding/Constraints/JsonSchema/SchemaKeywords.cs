using System.Collections.Frozen;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>The keywords that are read, each with the first draft in which it means something; all others are annotations.</summary>
internal static class SchemaKeywords
{
    private static readonly FrozenDictionary<string, SchemaDialect> FirstDrafts = new Dictionary<string, SchemaDialect>(StringComparer.Ordinal)
    {
        ["$ref"] = SchemaDialect.Draft4,
        ["$recursiveRef"] = SchemaDialect.Draft2019,
        ["$dynamicRef"] = SchemaDialect.Draft2020,
        ["type"] = SchemaDialect.Draft4,
        ["enum"] = SchemaDialect.Draft4,
        ["const"] = SchemaDialect.Draft6,
        ["minimum"] = SchemaDialect.Draft4,
        ["maximum"] = SchemaDialect.Draft4,
        ["exclusiveMinimum"] = SchemaDialect.Draft4,
        ["exclusiveMaximum"] = SchemaDialect.Draft4,
        ["multipleOf"] = SchemaDialect.Draft4,
        ["minLength"] = SchemaDialect.Draft4,
        ["maxLength"] = SchemaDialect.Draft4,
        ["pattern"] = SchemaDialect.Draft4,
        ["format"] = SchemaDialect.Draft4,
        ["items"] = SchemaDialect.Draft4,
        ["additionalItems"] = SchemaDialect.Draft4,
        ["prefixItems"] = SchemaDialect.Draft2020,
        ["contains"] = SchemaDialect.Draft6,
        ["minContains"] = SchemaDialect.Draft2019,
        ["maxContains"] = SchemaDialect.Draft2019,
        ["minItems"] = SchemaDialect.Draft4,
        ["maxItems"] = SchemaDialect.Draft4,
        ["uniqueItems"] = SchemaDialect.Draft4,
        ["unevaluatedItems"] = SchemaDialect.Draft2019,
        ["properties"] = SchemaDialect.Draft4,
        ["patternProperties"] = SchemaDialect.Draft4,
        ["additionalProperties"] = SchemaDialect.Draft4,
        ["required"] = SchemaDialect.Draft4,
        ["minProperties"] = SchemaDialect.Draft4,
        ["maxProperties"] = SchemaDialect.Draft4,
        ["propertyNames"] = SchemaDialect.Draft6,

        // Split and renamed by 2019-09; the old name and the new ones are read in every draft.
        ["dependencies"] = SchemaDialect.Draft4,
        ["dependentRequired"] = SchemaDialect.Draft4,
        ["dependentSchemas"] = SchemaDialect.Draft4,
        ["unevaluatedProperties"] = SchemaDialect.Draft2019,
        ["allOf"] = SchemaDialect.Draft4,
        ["anyOf"] = SchemaDialect.Draft4,
        ["oneOf"] = SchemaDialect.Draft4,
        ["not"] = SchemaDialect.Draft4,
        ["if"] = SchemaDialect.Draft7,
        ["then"] = SchemaDialect.Draft7,
        ["else"] = SchemaDialect.Draft7,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All keywords that are read.</summary>
    public static IEnumerable<string> All => FirstDrafts.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether a member of a schema is a keyword of a draft.</summary>
    public static bool IsRead(string name, SchemaDialect dialect) => FirstDrafts.TryGetValue(name, out var first) && dialect >= first;
}
