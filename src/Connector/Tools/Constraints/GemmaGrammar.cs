using System.Text.Json;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;
using Connector.Tools.Parsing;

namespace Connector.Tools.Constraints;

/// <summary>
/// Values in Gemma 4's notation by a schema: strings of their length and pattern, arrays of such with their bounds, objects with their
/// required members, enumerations of all these, JSON for numbers and constants. What else a schema asks for is noted as not enforced.
/// </summary>
internal sealed class GemmaGrammar(ConstraintGrammar grammar)
{
    private const int MaxDepth = 8;

    private static readonly HashSet<string> s_enforced = new(StringComparer.Ordinal)
    {
        "type", "enum", "const", "minLength", "maxLength", "pattern", "items", "minItems", "maxItems", "properties", "required", "additionalProperties",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    };

    private static readonly HashSet<string> s_nothing = [];

    private Symbol? _any;

    public Symbol Arguments(ToolSignature tool)
    {
        grammar.NoteUnenforced(tool.Schema, s_enforced, "");
        return Object(tool.Schema, 0, "");
    }

    /// <summary>A key without quotes.</summary>
    private Regex Key
    {
        get
        {
            var regexes = grammar.Regexes;
            return regexes.Repeat(regexes.Except(regexes.Bytes(ByteSet.Range(0x21, 0xFF)), regexes.AnyOf(":{}[],<>|\""u8)), 1, 64);
        }
    }

    private Symbol Quote => grammar.Marker(GemmaNotation.Quote);

    private Symbol AnyString => grammar.Text(Quote, grammar.Grammar.Lexeme(grammar.Without(GemmaNotation.Quote)), Quote);

    private Symbol Value(JsonElement schema, int depth, string at)
    {
        var types = ParameterTypes.Of(schema);
        if (types.Names is null || depth > MaxDepth)
        {
            grammar.NoteUnenforced(schema, s_nothing, at);
            return Any();
        }

        grammar.NoteUnenforced(schema, s_enforced, at);
        return grammar.Choice(types.Names.Select(type => type switch
        {
            "string" => Enumerated(schema, JsonValueKind.String) ?? String(schema),
            "array" => Enumerated(schema, JsonValueKind.Array) ?? Array(schema, depth, at),
            "object" => Enumerated(schema, JsonValueKind.Object) ?? Object(schema, depth, at),
            _ => grammar.Json(Scalar(schema, type), at),
        }));
    }

    private Symbol? Enumerated(JsonElement schema, JsonValueKind kind) =>
        ConstraintGrammar.Enumerated(schema, kind) is { } values ? grammar.Choice(values.Select(Exactly)) : null;

    private Symbol Exactly(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => grammar.Text(Quote, Literal(value.GetString()!), Quote),
        JsonValueKind.Array => Listed("[", InTurn(value.EnumerateArray().Select(Exactly)), "]"),
        JsonValueKind.Object => Listed("{", InTurn(value.EnumerateObject().Select(p => Member(p.Name, Exactly(p.Value)))), "}"),
        _ => Literal(value.GetRawText()),
    };

    private Symbol InTurn(IEnumerable<Symbol> items) =>
        grammar.Text([.. items.SelectMany((item, i) => i == 0 ? [item] : new[] { grammar.Grammar.Text(","), item })]);

    private Symbol String(JsonElement schema) => grammar.Text(Quote, grammar.Grammar.Lexeme(grammar.RawString(schema, GemmaNotation.Quote)), Quote);

    private Symbol Literal(string text) => text.Length == 0 ? grammar.Nothing : grammar.Grammar.Text(text);

    private Symbol Array(JsonElement schema, int depth, string at)
    {
        var item = schema.TryGetProperty("items", out var items) ? Value(items, depth + 1, $"{at}/items") : Any();
        var (min, max) = (ConstraintGrammar.Number(schema, "minItems") ?? 0, ConstraintGrammar.Number(schema, "maxItems") ?? int.MaxValue);
        return Listed("[", grammar.Grammar.Repeat(item, min, max, grammar.Grammar.Text(",")), "]");
    }

    private Symbol Object(JsonElement schema, int depth, string at)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return AnyObject();
        }

        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object || !properties.EnumerateObject().Any())
        {
            return ClosedSchema.ForbidsOthers(schema) ? grammar.Grammar.Text("{}") : AnyObject();
        }

        var required = schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Select(n => n.ToString()).ToHashSet(StringComparer.Ordinal)
            : [];
        var others = depth == 0 ? ClosedSchema.UndeclaredAtRoot(schema) : ClosedSchema.AllowsOthers(schema) ? int.MaxValue : 0;
        var isBounded = others < int.MaxValue;
        var most = Grammar.MaxUnorderedItems - (isBounded ? others : 0);

        // Beyond what can be told apart, properties that need not be there may come twice.
        var members = properties.EnumerateObject()
            .OrderBy(p => required.Contains(p.Name) ? 0 : 1)
            .Select((p, i) => new Grammar.UnorderedItem(Member(p.Name, Value(p.Value, depth + 1, $"{at}/properties/{p.Name}")), required.Contains(p.Name), Repeats: i >= most))
            .ToList();
        if (members.Exists(m => m is { Required: true, Repeats: true }))
        {
            throw new NotSupportedException($"More than {most} properties are required, which this notation's grammar cannot enforce.");
        }

        if (others > 0)
        {
            var declared = properties.EnumerateObject().Select(p => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(p.Name));
            var name = grammar.Grammar.Lexeme(grammar.Regexes.Except(Key, grammar.Regexes.Literals(declared)));
            var other = grammar.Text(name, grammar.Grammar.Text(":"), Value(ClosedSchema.OtherValues(schema), depth + 1, $"{at}/additionalProperties"));
            members.Add(new Grammar.UnorderedItem(other, Required: false, Repeats: !isBounded, Extra: isBounded ? others : 0));
        }

        return Listed("{", grammar.Grammar.Unordered([.. members], grammar.Grammar.Text(",")), "}");
    }

    private Symbol Member(string name, Symbol value) => grammar.Text(
        grammar.Choice([grammar.Grammar.Text(name), grammar.Text(Quote, grammar.Grammar.Text(name), Quote)]),
        grammar.Grammar.Text(":"),
        value);

    private Symbol Listed(string open, Symbol items, string close) =>
        grammar.Text(grammar.Grammar.Text(open), items, grammar.Grammar.Text(close));

    private Symbol Any()
    {
        if (_any is { } known)
        {
            return known;
        }

        var any = grammar.Grammar.Rule("any");
        _any = any;
        grammar.Grammar.Add(any, AnyString);
        grammar.Grammar.Add(any, grammar.Json(JsonDocument.Parse("""{"type": ["number", "boolean", "null"]}""").RootElement));
        grammar.Grammar.Add(any, Listed("[", grammar.Grammar.Repeat(any, 0, separator: grammar.Grammar.Text(",")), "]"));
        grammar.Grammar.Add(any, AnyObject());
        return any;
    }

    private Symbol AnyObject()
    {
        var member = grammar.Text(grammar.Choice([grammar.Grammar.Lexeme(Key), AnyString]), grammar.Grammar.Text(":"), Any());
        return Listed("{", grammar.Grammar.Repeat(member, 0, separator: grammar.Grammar.Text(",")), "}");
    }

    // The schema's own bounds hold; its other types do not.
    private static JsonElement Scalar(JsonElement schema, string type)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(schema.GetRawText())!.AsObject();
        node.Remove("anyOf");
        node.Remove("oneOf");
        node["type"] = type;
        return JsonDocument.Parse(node.ToJsonString()).RootElement;
    }
}
