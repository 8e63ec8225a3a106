using System.Text.Json.Nodes;

namespace Connector.Benchmarks.ToolCalling.Generated;

/// <summary>
/// Random JSON Schemas of the kinds that tools have, and random values that fit them. Everything is bounded — text,
/// arrays, depth, keys — so that any text that fits ends. The same <see cref="Random"/> gives the same schemas.
/// </summary>
internal sealed class RandomSchemas(Random random)
{
    private const int MaxDepth = 3;

    /// <summary>Property names in several scripts, with the characters that trip a parser.</summary>
    private static readonly string[] s_names =
    [
        "name", "city", "date", "count", "max_price", "userId", "Content-Type", "is.active", "größe", "straße", "名前", "数量",
        "город", "ціна", "naïve", "señal", "x", "Δt", "key with spaces", "emoji_🙂", "type", "properties", "required", "items",
    ];

    private static readonly string[] s_words =
    [
        "on", "off", "celsius", "fahrenheit", "Zürich", "東京", "Київ", "São Paulo", "\"quoted\"", "back\\slash", "tab\tbed", "a/b",
        "<tag>", "{brace}", "🙂", "", "null", "true", "42", "very long option that takes more than one token to write",
    ];

    /// <summary>An object of one to six properties.</summary>
    public JsonObject Object(int depth = 0)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var name in Distinct(s_names, random.Next(depth == 0 ? 0 : 1, depth == 0 ? 7 : 4)))
        {
            properties[name] = Value(depth + 1);
            if (random.Next(2) == 0)
            {
                required.Add((JsonNode)name);
            }
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = required,
            ["additionalProperties"] = false,
        };
    }

    /// <summary>Any value; deeper than a few levels, a scalar.</summary>
    public JsonObject Value(int depth) => random.Next(depth < MaxDepth ? 12 : 9) switch
    {
        0 or 1 => Text(),
        2 => Choice(),
        3 => Whole(),
        4 => new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1000 },
        5 => new JsonObject { ["type"] = "boolean" },
        6 => Nullable(),
        7 => new JsonObject { ["anyOf"] = new JsonArray(Text(), Whole()) },
        8 => new JsonObject { ["const"] = Word() },
        9 => Object(depth),
        _ => Array(depth),
    };

    /// <summary>Names that differ, in a random order.</summary>
    public IEnumerable<string> Distinct(IReadOnlyList<string> from, int count) =>
        from.OrderBy(_ => random.Next()).Take(count);

    private JsonObject Text() => random.Next(4) switch
    {
        0 => new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Z]{2,3}-[0-9]{1,4}$" },
        1 => new JsonObject { ["type"] = "string", ["format"] = "date" },
        _ => new JsonObject { ["type"] = "string", ["minLength"] = random.Next(2), ["maxLength"] = random.Next(1, 30) },
    };

    private JsonObject Whole()
    {
        var low = random.Next(-100, 100);
        return new JsonObject { ["type"] = "integer", ["minimum"] = low, ["maximum"] = low + random.Next(0, 500) };
    }

    private JsonObject Choice()
    {
        var options = new JsonArray([.. Distinct(s_words, random.Next(1, 6)).Select(word => (JsonNode)word)]);
        if (random.Next(5) == 0)
        {
            options.Add((JsonNode?)null);
            options.Add((JsonNode)7);
            return new JsonObject { ["enum"] = options };
        }

        return new JsonObject { ["type"] = "string", ["enum"] = options };
    }

    private JsonObject Nullable()
    {
        var text = Text();
        text["type"] = new JsonArray("string", "null");
        return text;
    }

    private JsonObject Array(int depth)
    {
        var least = random.Next(3);
        return new JsonObject { ["type"] = "array", ["items"] = Value(depth + 1), ["minItems"] = least, ["maxItems"] = least + random.Next(1, 3) };
    }

    private string Word() => s_words[random.Next(s_words.Length)];
}
