using System.Globalization;
using System.Text.Json.Nodes;

namespace Connector.Benchmarks.ToolCalling.Generated;

/// <summary>Random values that fit a schema of <see cref="RandomSchemas"/>; any other keyword is an error.</summary>
internal sealed class RandomValues(Random random)
{
    private const string Letters = "abcxyzÄß漢я🙂\"\\\n /";

    /// <summary>A value that fits.</summary>
    public JsonNode? Fitting(JsonObject schema)
    {
        if (schema["const"] is { } constant)
        {
            return constant.DeepClone();
        }

        if (schema["enum"] is JsonArray options)
        {
            return options[random.Next(options.Count)]?.DeepClone();
        }

        if (schema["anyOf"] is JsonArray branches)
        {
            return Fitting(branches[random.Next(branches.Count)]!.AsObject());
        }

        return Type(schema) switch
        {
            "object" => Object(schema),
            "array" => new JsonArray([.. Enumerable.Range(0, Between(schema, "minItems", "maxItems")).Select(_ => Fitting(schema["items"]!.AsObject()))]),
            "string" => Text(schema),
            "integer" => Between(schema, "minimum", "maximum"),
            "number" => Math.Round(random.NextDouble() * 1000, random.Next(4)),
            "boolean" => random.Next(2) == 0,
            "null" => null,
            var other => throw new NotSupportedException($"Values of type '{other}' are not made here."),
        };
    }

    private JsonObject Object(JsonObject schema)
    {
        var required = schema["required"]!.AsArray().Select(n => n!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        var result = new JsonObject();
        foreach (var (name, property) in schema["properties"]!.AsObject())
        {
            if (required.Contains(name) || random.Next(2) == 0)
            {
                result[name] = Fitting(property!.AsObject());
            }
        }

        return result;
    }

    private string Text(JsonObject schema)
    {
        if (schema.ContainsKey("pattern"))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{(random.Next(2) == 0 ? "AB" : "XYZ")}-{random.Next(10_000)}");
        }

        if (schema.ContainsKey("format"))
        {
            return new DateOnly(2000, 1, 1).AddDays(random.Next(20_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }

        // Lengths count code points, which a rune is.
        var letters = Letters.EnumerateRunes().ToArray();
        return string.Concat(Enumerable.Range(0, Between(schema, "minLength", "maxLength")).Select(_ => letters[random.Next(letters.Length)].ToString()));
    }

    private string Type(JsonObject schema) => schema["type"] switch
    {
        JsonArray several => several[random.Next(several.Count)]!.GetValue<string>(),
        { } one => one.GetValue<string>(),
        null => throw new NotSupportedException($"No value is made here for {schema.ToJsonString()}."),
    };

    private int Between(JsonObject schema, string low, string high) =>
        random.Next(schema[low]!.GetValue<int>(), schema[high]!.GetValue<int>() + 1);
}
