using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connector.TestSupport.JsonSchema;

/// <summary>
/// A JSON Schema validator for drafts 4 to 2020-12, written straight from the specification's text: recursive, slow,
/// and knowing nothing of the engine. Formats are asserted. References stay within the document.
/// </summary>
internal sealed class SimpleValidator
{
    private readonly JsonNode? _root;
    private readonly int _draft;
    private int _depth;

    public SimpleValidator(JsonNode? root)
    {
        _root = root;
        var uri = (root as JsonObject)?["$schema"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
        _draft = uri.Contains("draft-04") || uri.Contains("draft-03") ? 4 : uri.Contains("draft-06") ? 6 : uri.Contains("draft-07") ? 7 : uri.Contains("2019-09") ? 2019 : 2020;
    }

    /// <summary>What a schema has looked at.</summary>
    private sealed record Evaluated(HashSet<string> Names, HashSet<int> Items)
    {
        public static Evaluated None => new(new HashSet<string>(StringComparer.Ordinal), []);

        public void Add(Evaluated other)
        {
            Names.UnionWith(other.Names);
            Items.UnionWith(other.Items);
        }
    }

    public static bool IsValid(string schema, string instance) =>
        new SimpleValidator(JsonNode.Parse(schema)).IsValid(JsonDocument.Parse(instance, new JsonDocumentOptions { MaxDepth = 512 }).RootElement);

    public bool IsValid(JsonElement instance) => IsValid(_root, instance) is not null;

    private Evaluated? IsValid(JsonNode? schema, JsonElement instance)
    {
        if (++_depth > 2000)
        {
            throw new InvalidOperationException("The schema refers to itself.");
        }

        try
        {
            return schema switch
            {
                JsonObject keywords => Validate(keywords, instance),
                JsonValue value when value.TryGetValue<bool>(out var accepts) => accepts ? Evaluated.None : null,
                _ => throw new InvalidOperationException("A schema is an object or a boolean."),
            };
        }
        finally
        {
            _depth--;
        }
    }

    private Evaluated? Validate(JsonObject schema, JsonElement instance)
    {
        var evaluated = Evaluated.None;
        if (schema["$ref"] is JsonValue reference)
        {
            if (IsValid(Resolve(schema, reference.GetValue<string>()), instance) is not { } target)
            {
                return null;
            }

            if (_draft < 2019)
            {
                return target;
            }

            evaluated.Add(target);
        }

        return Values(schema, instance)
            && Applicators(schema, instance, evaluated)
            && Arrays(schema, instance, evaluated)
            && Objects(schema, instance, evaluated)
            ? evaluated : null;
    }

    private JsonNode? Resolve(JsonObject from, string reference)
    {
        if (reference.StartsWith('#'))
        {
            var pointer = Uri.UnescapeDataString(reference[1..]);
            if (pointer.Length == 0)
            {
                return _root;
            }

            return pointer[0] == '/'
                ? pointer[1..].Split('/').Aggregate(_root, static (node, step) => node switch
                {
                    JsonArray array => array[int.Parse(step, CultureInfo.InvariantCulture)],
                    JsonObject o => o[step.Replace("~1", "/").Replace("~0", "~")],
                    _ => throw new InvalidOperationException("The pointer leads nowhere."),
                })
                : Find(_root, n => (string?)n["$anchor"] == pointer || (string?)n["$id"] == reference || (string?)n["id"] == reference);
        }

        var name = reference.Split('#')[0];
        return Find(_root, n => n["$id"] is JsonValue id && id.TryGetValue<string>(out var text) && text.EndsWith(name, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"No schema is called {reference}.");
    }

    private static JsonNode? Find(JsonNode? node, Func<JsonObject, bool> test) => node switch
    {
        JsonObject o => test(o) ? o : o.Select(p => Find(p.Value, test)).FirstOrDefault(n => n is not null),
        JsonArray a => a.Select(n => Find(n, test)).FirstOrDefault(n => n is not null),
        _ => null,
    };

    private static bool Values(JsonObject schema, JsonElement instance)
    {
        if (schema["type"] is { } type && !(type is JsonArray types ? types.Select(t => (string)t!) : [(string)type!]).Any(t => IsOfType(t, instance)))
        {
            return false;
        }

        if (schema["enum"] is JsonArray values && !values.Any(v => JsonEquality.AreEqual(ToElement(v), instance)))
        {
            return false;
        }

        if (schema.ContainsKey("const") && !JsonEquality.AreEqual(ToElement(schema["const"]), instance))
        {
            return false;
        }

        return instance.ValueKind switch
        {
            JsonValueKind.Number => Numbers(schema, ExactNumber.Of(instance)),
            JsonValueKind.String => Strings(schema, instance.GetString()!),
            _ => true,
        };
    }

    private static bool IsOfType(string type, JsonElement instance) => type switch
    {
        "null" => instance.ValueKind == JsonValueKind.Null,
        "boolean" => instance.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => instance.ValueKind == JsonValueKind.Number,
        "integer" => instance.ValueKind == JsonValueKind.Number && ExactNumber.Of(instance).IsInteger,
        "string" => instance.ValueKind == JsonValueKind.String,
        "array" => instance.ValueKind == JsonValueKind.Array,
        "object" => instance.ValueKind == JsonValueKind.Object,
        _ => throw new InvalidOperationException($"There is no type {type}."),
    };

    private static bool Numbers(JsonObject schema, ExactNumber value)
    {
        var isExclusiveMin = schema["exclusiveMinimum"] is JsonValue x && x.TryGetValue<bool>(out var a) && a;
        var isExclusiveMax = schema["exclusiveMaximum"] is JsonValue y && y.TryGetValue<bool>(out var b) && b;
        return Check("minimum", bound => value.Compare(bound) >= (isExclusiveMin ? 1 : 0))
            && Check("maximum", bound => value.Compare(bound) <= (isExclusiveMax ? -1 : 0))
            && Check("exclusiveMinimum", bound => value.Compare(bound) > 0)
            && Check("exclusiveMaximum", bound => value.Compare(bound) < 0)
            && Check("multipleOf", value.IsMultipleOf);

        bool Check(string keyword, Func<ExactNumber, bool> holds) =>
            schema[keyword] is not JsonValue node || node.GetValueKind() != JsonValueKind.Number || holds(ExactNumber.Of(ToElement(node)));
    }

    private static bool Strings(JsonObject schema, string text)
    {
        var length = text.EnumerateRunes().Count();
        return length >= Number(schema, "minLength", 0)
            && length <= Number(schema, "maxLength", double.MaxValue)
            && (schema["pattern"] is not JsonValue pattern || EcmaRegex.IsMatch((string)pattern!, text))
            && (schema["format"] is not JsonValue format || SimpleFormats.IsValid((string)format!, text));
    }

    private bool Applicators(JsonObject schema, JsonElement instance, Evaluated evaluated)
    {
        foreach (var child in Children(schema, "allOf"))
        {
            if (IsValid(child, instance) is not { } found)
            {
                return false;
            }

            evaluated.Add(found);
        }

        var any = Children(schema, "anyOf").Select(c => IsValid(c, instance)).ToList();
        var one = Children(schema, "oneOf").Select(c => IsValid(c, instance)).ToList();
        foreach (var found in any.Concat(one).OfType<Evaluated>())
        {
            evaluated.Add(found);
        }

        if ((any.Count > 0 && any.TrueForAll(r => r is null)) || (one.Count > 0 && one.Count(r => r is not null) != 1))
        {
            return false;
        }

        if (schema.ContainsKey("not") && IsValid(schema["not"], instance) is not null)
        {
            return false;
        }

        if (_draft < 7 || !schema.ContainsKey("if"))
        {
            return true;
        }

        var condition = IsValid(schema["if"], instance);
        evaluated.Add(condition ?? Evaluated.None);
        var branch = condition is null ? "else" : "then";
        var result = schema.ContainsKey(branch) ? IsValid(schema[branch], instance) : Evaluated.None;
        evaluated.Add(result ?? Evaluated.None);
        return result is not null;
    }

    private bool Arrays(JsonObject schema, JsonElement instance, Evaluated evaluated)
    {
        if (instance.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        var items = instance.EnumerateArray().ToList();
        var prefix = schema["items"] as JsonArray ?? (_draft >= 2020 ? schema["prefixItems"] as JsonArray : null);
        var restKeyword = schema["items"] is JsonArray ? "additionalItems" : "items";
        for (var i = 0; i < items.Count; i++)
        {
            var hasSchema = i < prefix?.Count || schema.ContainsKey(restKeyword);
            if (hasSchema && IsValid(i < prefix?.Count ? prefix[i] : schema[restKeyword], items[i]) is null)
            {
                return false;
            }

            _ = hasSchema && evaluated.Items.Add(i);
        }

        if (_draft >= 6 && schema.ContainsKey("contains"))
        {
            var matches = Enumerable.Range(0, items.Count).Where(i => IsValid(schema["contains"], items[i]) is not null).ToList();
            var min = _draft >= 2019 ? Number(schema, "minContains", 1) : 1;
            var max = _draft >= 2019 ? Number(schema, "maxContains", double.MaxValue) : double.MaxValue;
            if (matches.Count < min || matches.Count > max)
            {
                return false;
            }
        }

        var isUnique = schema["uniqueItems"] is JsonValue unique && unique.TryGetValue<bool>(out var flag) && flag;
        return items.Count >= Number(schema, "minItems", 0)
            && items.Count <= Number(schema, "maxItems", double.MaxValue)
            && (!isUnique || !items.Where((x, i) => items.Take(i).Any(y => JsonEquality.AreEqual(x, y))).Any())
            && (_draft < 2019 || !schema.ContainsKey("unevaluatedItems")
                || Enumerable.Range(0, items.Count).Where(i => !evaluated.Items.Contains(i)).ToList()
                    .TrueForAll(i => IsValid(schema["unevaluatedItems"], items[i]) is not null && evaluated.Items.Add(i)));
    }

    private bool Objects(JsonObject schema, JsonElement instance, Evaluated evaluated)
    {
        if (instance.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        var members = instance.EnumerateObject().ToList();
        var names = members.Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var member in members)
        {
            var schemas = new List<JsonNode?>();
            if (schema["properties"] is JsonObject properties && properties.ContainsKey(member.Name))
            {
                schemas.Add(properties[member.Name]);
            }

            if (schema["patternProperties"] is JsonObject patterns)
            {
                schemas.AddRange(patterns.Where(p => EcmaRegex.IsMatch(p.Key, member.Name)).Select(p => p.Value));
            }

            if (schemas.Count == 0 && schema.ContainsKey("additionalProperties"))
            {
                schemas.Add(schema["additionalProperties"]);
            }

            if (schemas.Any(s => IsValid(s, member.Value) is null)
                || (_draft >= 6 && schema.ContainsKey("propertyNames") && IsValid(schema["propertyNames"], JsonSerializer.SerializeToElement(member.Name)) is null))
            {
                return false;
            }

            _ = schemas.Count > 0 && evaluated.Names.Add(member.Name);
        }

        return (schema["required"] is not JsonArray required || required.All(n => names.Contains((string)n!)))
            && members.Count >= Number(schema, "minProperties", 0)
            && members.Count <= Number(schema, "maxProperties", double.MaxValue)
            && Dependencies(schema, instance, names, evaluated)
            && (_draft < 2019 || !schema.ContainsKey("unevaluatedProperties")
                || members.Where(m => !evaluated.Names.Contains(m.Name)).ToList()
                    .TrueForAll(m => IsValid(schema["unevaluatedProperties"], m.Value) is not null && evaluated.Names.Add(m.Name)));
    }

    private bool Dependencies(JsonObject schema, JsonElement instance, HashSet<string> names, Evaluated evaluated)
    {
        foreach (var keyword in new[] { "dependencies", "dependentRequired", "dependentSchemas" })
        {
            foreach (var (name, dependency) in (schema[keyword] as JsonObject ?? []).Where(d => names.Contains(d.Key)))
            {
                if (dependency is JsonArray list)
                {
                    if (!list.All(n => names.Contains((string)n!)))
                    {
                        return false;
                    }
                }
                else if (IsValid(dependency, instance) is { } found)
                {
                    evaluated.Add(found);
                }
                else
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static IEnumerable<JsonNode?> Children(JsonObject schema, string keyword) => schema[keyword] as JsonArray ?? [];

    private static double Number(JsonObject schema, string keyword, double otherwise) =>
        schema[keyword] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? value.GetValue<double>() : otherwise;

    private static JsonElement ToElement(JsonNode? node) => JsonSerializer.SerializeToElement(node);
}
