using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.JsonSchema;
using Connector.Decoding.Constraints.Lexing;
using Connector.Decoding.Constraints.Patterns;
using Connector.Templates;

namespace Connector.Tools.Constraints;

/// <summary>
/// A grammar of answers in the words of tool formats: markers that may be control tokens, calls as JSON, arguments by
/// schema, free text. One is made for one constraint; not thread-safe.
/// </summary>
internal sealed class ConstraintGrammar
{
    private static readonly JsonSchemaOptions s_json = new() { PropertyOrder = PropertyOrder.Any, PlainNumbers = true };

    private static readonly HashSet<string> s_asserting = new(StringComparer.Ordinal)
    {
        "type", "enum", "const", "anyOf", "oneOf", "allOf", "not", "if", "$ref", "$dynamicRef", "format", "pattern", "minLength", "maxLength",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "items", "prefixItems", "uniqueItems", "contains",
        "unevaluatedItems", "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties",
        "dependencies", "dependentRequired", "dependentSchemas", "unevaluatedProperties",
    };

    private readonly PromptTokenizer _controls;
    private readonly Dictionary<ToolSignature, Symbol> _arguments = [];
    private readonly List<UnenforcedKeyword> _unenforced = [];

    public ConstraintGrammar(Vocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        Regexes = new RegexSet();
        Grammar = new Grammar(Regexes);
        _controls = PromptTokenizer.For(vocabulary);
        Nothing = Grammar.Nothing;
        Gap = Grammar.Lexeme(Regexes.Repeat(Regexes.AnyOf(" \n"u8), 0, 2));
        ShortId = Grammar.Lexeme(Regexes.Repeat(AlphaNumeric, 9, 9));
        Digits = Grammar.Lexeme(Regexes.Repeat(Regexes.Range((byte)'0', (byte)'9'), 1, 4));
    }

    public Vocabulary Vocabulary { get; }

    public RegexSet Regexes { get; }

    public Grammar Grammar { get; }

    /// <summary>What of the schemas is not enforced.</summary>
    public ImmutableArray<UnenforcedKeyword> Unenforced => [.. _unenforced.Distinct()];

    /// <summary>The empty text.</summary>
    public Symbol Nothing { get; }

    /// <summary>Up to two spaces or line breaks.</summary>
    public Symbol Gap { get; }

    /// <summary>Nine letters and digits.</summary>
    public Symbol ShortId { get; }

    /// <summary>A number.</summary>
    public Symbol Digits { get; }

    private Regex AlphaNumeric => Regexes.Or(
        Regexes.Range((byte)'a', (byte)'z'), Regexes.Range((byte)'A', (byte)'Z'), Regexes.Range((byte)'0', (byte)'9'));

    private Regex Blank => Regexes.Optional(Regexes.Literal(" "));

    /// <summary>One after the other.</summary>
    public Symbol Text(params ReadOnlySpan<Symbol> parts)
    {
        var some = new List<Symbol>();
        foreach (var part in parts)
        {
            if (part != Nothing)
            {
                some.Add(part);
            }
        }

        return some.Count == 0 ? Nothing : Grammar.Sequence([.. some]);
    }

    public Symbol Choice(IEnumerable<Symbol> options) => Grammar.Choice([.. options]);

    public Symbol Optional(Symbol symbol) => Grammar.Optional(symbol);

    public Symbol OneOrMore(Symbol item, bool more, Symbol separator) => more
        ? Grammar.Repeat(item, 1, separator: separator == Nothing ? null : separator)
        : item;

    /// <summary>A text in which what spells a control token of the vocabulary is that token.</summary>
    public Symbol Marker(string text)
    {
        var parts = new List<Symbol>();
        var start = 0;
        for (var i = 0; i < text.Length;)
        {
            if (_controls.FindControl(text.AsSpan(i)) is not { } control)
            {
                i++;
                continue;
            }

            AddText(text[start..i]);
            parts.Add(Grammar.Tokens(control.Token));
            i += control.Text.Length;
            start = i;
        }

        AddText(text[start..]);
        return Text([.. parts]);

        void AddText(string plain)
        {
            if (plain.Length > 0)
            {
                parts.Add(Grammar.Text(plain));
            }
        }
    }

    /// <summary>The control tokens of a text, if it begins with one.</summary>
    public int? LeadingControl(string text) => _controls.FindControl(text)?.Token;

    /// <summary>A bracket or comma of JSON with a space before and after it, or not.</summary>
    public Symbol JsonToken(string text) => Grammar.Lexeme(Regexes.Concat(Blank, Regexes.Literal(text), Blank));

    /// <summary>Text without any of some strings in it.</summary>
    public Regex Without(params IEnumerable<string> strings)
    {
        Regex[] unwanted = [.. strings.Select(s => Regexes.Concat(Regexes.Anything, Regexes.Literal(s), Regexes.Anything))];
        return unwanted.Length == 0 ? Regexes.Anything : Regexes.Not(Regexes.Or(unwanted));
    }

    /// <summary>
    /// Free text: any bytes without the unwanted strings, any control tokens but the unwanted ones and those that end
    /// the generation.
    /// </summary>
    public Symbol Free(Regex bytes, Regex bytesAfterControl, IReadOnlySet<int> unwanted)
    {
        int[] controls = [.. Enumerable.Range(0, Vocabulary.Count)
            .Where(t => Vocabulary.IsControl(t) && !Vocabulary.IsEndOfGeneration(t) && !unwanted.Contains(t) && Vocabulary.Written(t).Length > 0)];
        if (controls.Length == 0)
        {
            return Grammar.Lexeme(bytes);
        }

        var tokens = Grammar.Tokens(controls);
        var rest = Grammar.Rule("free");
        Grammar.Add(rest);
        Grammar.Add(rest, tokens, Grammar.Lexeme(bytesAfterControl), rest);
        return Text(Grammar.Lexeme(bytes), rest);
    }

    /// <summary>The text of a string, up to what ends it: of the length and the pattern that a schema says.</summary>
    public Regex RawString(JsonElement schema, string end)
    {
        var text = new Utf8Text(Regexes);
        var limits = Regexes.Repeat(text.One(CodePointSet.All), Number(schema, "minLength") ?? 0, Number(schema, "maxLength") ?? RegexSet.Unbounded);
        if (schema.TryGetProperty("pattern", out var pattern) && pattern.ValueKind == JsonValueKind.String)
        {
            limits = Regexes.And(limits, new PatternCompiler(text).Search(pattern.GetString()!));
        }

        return Regexes.And(Without(end), limits);
    }

    /// <summary>Takes note of what a schema asks for beyond the keywords that a notation's grammar enforces.</summary>
    public void NoteUnenforced(JsonElement schema, IReadOnlySet<string> enforced, string at)
    {
        if (schema.ValueKind == JsonValueKind.Object)
        {
            _unenforced.AddRange(schema.EnumerateObject()
                .Where(keyword => s_asserting.Contains(keyword.Name) && !enforced.Contains(keyword.Name))
                .Select(keyword => new UnenforcedKeyword(at, keyword.Name, "this tool format's arguments are not JSON")));
        }
    }

    /// <summary>A keyword's number, where it has one.</summary>
    public static int? Number(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    /// <summary>The values of one kind that a schema names one by one, by <c>const</c> or <c>enum</c>; null where it names none of any kind.</summary>
    public static IEnumerable<JsonElement>? Enumerated(JsonElement schema, JsonValueKind kind)
    {
        IEnumerable<JsonElement>? values =
            schema.TryGetProperty("const", out var constant) ? [constant]
            : schema.TryGetProperty("enum", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray()
            : null;
        return values?.Where(v => v.ValueKind == kind);
    }

    /// <summary>JSON by a schema, without properties that it does not mention.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="at">Where it stands in the one that it is part of.</param>
    public Symbol Json(JsonElement schema, string at = "") => Json(ClosedSchema.Of(schema), s_json, at);

    /// <summary>The arguments of a tool as a JSON object.</summary>
    /// <exception cref="NotSupportedException">The tool's schema cannot be enforced at all.</exception>
    public Symbol Arguments(ToolSignature tool)
    {
        if (_arguments.TryGetValue(tool, out var known))
        {
            return known;
        }

        try
        {
            var schema = ArgumentSchema(tool.Schema);
            var options = s_json with { MaxUndeclaredAtRoot = ClosedSchema.UndeclaredAtRoot(schema) };
            return _arguments[tool] = Json(ClosedSchema.OfArguments(schema), options, "");
        }
        catch (Exception e) when (e is UnsupportedSchemaException or ConstraintTooComplexException or UnsatisfiableConstraintException)
        {
            throw new NotSupportedException($"The schema of the tool '{tool.Name}' cannot be enforced: {e.Message}", e);
        }
    }

    /// <summary>A JSON object of a tool's name and its arguments.</summary>
    public Symbol JsonCall(IReadOnlyList<ToolSignature> tools, string argumentsKey, bool withId = false)
    {
        var id = Text(
            Grammar.Lexeme(Regexes.Concat(Separator(","), Regexes.Literal("\"id\""), Separator(":"), Regexes.Literal("\""))),
            ShortId,
            Grammar.Text("\""));
        var tail = Text(withId ? Optional(id) : Nothing, Grammar.Lexeme(Regexes.Concat(Blank, Regexes.Literal("}"))));
        return Choice(tools.Select(tool => Text(
            Grammar.Lexeme(Regexes.Concat(
                Regexes.Literal("{"),
                Blank,
                Regexes.Literal("\"name\""),
                Separator(":"),
                Quoted(tool.Name),
                Separator(","),
                Regexes.Literal($"\"{argumentsKey}\""),
                Separator(":"))),
            Arguments(tool),
            tail)));
    }

    private Symbol Json(JsonElement schema, JsonSchemaOptions options, string at)
    {
        var (symbol, unenforced) = JsonSchemaCompiler.Add(Grammar, schema, options);
        _unenforced.AddRange(unenforced.Select(u => u with { Path = at + u.Path }));
        return symbol;
    }

    private Regex Separator(string text) => Regexes.Concat(Blank, Regexes.Literal(text), Blank);

    private Regex Quoted(string text) => Regexes.Concat(
        Regexes.Literal("\""), new JsonText(Regexes).Usual([text]), Regexes.Literal("\""));

    /// <summary>The schema of arguments, which are an object even where it does not say so.</summary>
    private static JsonElement ArgumentSchema(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return JsonDocument.Parse("""{"type": "object"}""").RootElement;
        }

        var node = JsonNode.Parse(schema.GetRawText())!.AsObject();
        node["type"] = "object";
        return JsonDocument.Parse(node.ToJsonString()).RootElement;
    }
}
