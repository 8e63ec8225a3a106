using System.Text.Json.Nodes;

namespace Connector.Decoding.Tests.Constraints.JsonSchema;

/// <summary>Random schemas over few names and small values, and random instances that often come near them.</summary>
internal sealed class RandomSchemas(Random random)
{
    private static readonly string[] Names = ["a", "b", "c", "\"", "é"];
    private static readonly string[] Texts = ["", "a", "ab", "abc", "b1", "1", "é", "\\\"", "2024-02-29", "😀😀"];
    private static readonly string[] Patterns = ["^a", "b$", "^[a-c]*$", "\\d", "^(?!ab)", "a|é", "^.{2,3}$", "[^a]"];

    /// <summary>A schema; may refer to the definition "d".</summary>
    public JsonNode Root()
    {
        var schema = Schema(3);
        if (schema is JsonObject keywords)
        {
            keywords["$defs"] = new JsonObject { ["d"] = Schema(2) };
        }

        return schema;
    }

    /// <summary>An instance.</summary>
    public JsonNode? Instance(int depth = 3) => random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-3, 8),
        3 => random.Next(-6, 16) / 2m,
        4 or 5 => Pick(Texts),
        6 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Instance(depth - 1))]),
        _ => Members(depth),
    };

    private JsonObject Members(int depth)
    {
        var members = new JsonObject();
        for (var i = random.Next(4); i > 0; i--)
        {
            members[Pick(Names)] = Instance(depth - 1);
        }

        return members;
    }

    private JsonNode Schema(int depth)
    {
        if (depth <= 0 || random.Next(12) == 0)
        {
            return random.Next(6) switch
            {
                0 => true,
                1 => new JsonObject { ["$ref"] = "#/$defs/d" },
                2 => new JsonObject { ["type"] = "integer" },
                3 => new JsonObject { ["type"] = "string" },
                4 => new JsonObject { ["const"] = Instance(1) },
                _ => new JsonObject(),
            };
        }

        var schema = new JsonObject();
        if (random.Next(2) == 0)
        {
            schema["type"] = random.Next(4) == 0
                ? new JsonArray("object", "string")
                : Pick("object", "array", "string", "integer", "number", "object", "array", "null", "boolean");
        }

        for (var i = 1 + random.Next(3); i > 0; i--)
        {
            Add(schema, depth - 1);
        }

        return schema;
    }

    private void Add(JsonObject schema, int depth)
    {
        switch (random.Next(28))
        {
            case 0 or 1 or 2:
                schema["properties"] = Map(() => Schema(depth));
                break;
            case 3:
                schema["required"] = NameList();
                break;
            case 4:
                schema["additionalProperties"] = random.Next(2) == 0 ? false : Schema(depth);
                break;
            case 5:
                schema["patternProperties"] = new JsonObject { [Pick(Patterns)] = Schema(depth), [Pick(Patterns)] = Schema(depth) };
                break;
            case 6:
                schema["propertyNames"] = new JsonObject { ["pattern"] = Pick(Patterns) };
                break;
            case 7:
                schema[Pick("minProperties", "maxProperties")] = random.Next(3);
                break;
            case 8:
                schema["dependentRequired"] = Map(NameList);
                break;
            case 9:
                schema["dependentSchemas"] = Map(() => Schema(depth));
                break;
            case 10 or 11:
                schema["items"] = Schema(depth);
                break;
            case 12:
                schema["prefixItems"] = List(depth, 1);
                break;
            case 13:
                schema[Pick("minItems", "maxItems")] = random.Next(4);
                break;
            case 14:
                schema["contains"] = Schema(depth);
                schema[Pick("minContains", "maxContains")] = random.Next(3);
                break;
            case 15:
                schema[Pick("minLength", "maxLength")] = random.Next(4);
                break;
            case 16:
                schema["pattern"] = Pick(Patterns);
                break;
            case 17:
                schema[Pick("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")] = random.Next(-4, 10) / 2m;
                break;
            case 18:
                schema["multipleOf"] = Pick(0.5m, 2m, 3m, 1m);
                break;
            case 19:
                schema["enum"] = new JsonArray([.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Instance(2))]);
                break;
            case 20:
                schema["not"] = Schema(depth);
                break;
            case 21:
                schema["anyOf"] = List(depth, 2);
                break;
            case 22:
                schema["oneOf"] = List(depth, 2);
                break;
            case 23:
                schema["allOf"] = List(depth, 2);
                break;
            case 24:
                schema["if"] = Schema(depth);
                schema[Pick("then", "else")] = Schema(depth);
                break;
            case 25:
                AddUnevaluated(schema, depth);
                break;
            default:
                schema[Pick("unevaluatedProperties", "unevaluatedItems")] = random.Next(2) == 0 ? false : Schema(depth);
                break;
        }
    }

    // What is unevaluated depends on which branches hold, so that branches of properties are drawn beside it.
    private void AddUnevaluated(JsonObject schema, int depth)
    {
        JsonObject Branch() => new() { ["properties"] = Map(() => Schema(depth)), [Pick("required", "$comment")] = NameList() };
        schema["unevaluatedProperties"] = random.Next(2) == 0 ? false : Schema(depth);
        switch (random.Next(4))
        {
            case 0:
                schema["oneOf"] = new JsonArray(Branch(), Branch());
                break;
            case 1:
                schema["anyOf"] = new JsonArray(Branch(), Branch());
                break;
            case 2:
                schema["not"] = Branch();
                break;
            default:
                schema["if"] = Branch();
                schema[Pick("then", "else")] = Branch();
                break;
        }
    }

    private JsonObject Map(Func<JsonNode> value)
    {
        var map = new JsonObject();
        for (var i = 1 + random.Next(3); i > 0; i--)
        {
            map[Pick(Names)] = value();
        }

        return map;
    }

    private JsonArray List(int depth, int min) => new([.. Enumerable.Range(0, min + random.Next(2)).Select(_ => Schema(depth))]);

    private JsonArray NameList() => new([.. Enumerable.Range(0, 1 + random.Next(2)).Select(_ => (JsonNode)Pick(Names))]);

    private T Pick<T>(params ReadOnlySpan<T> items) => items[random.Next(items.Length)];
}
