using System.Text.Json;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;
using Connector.Tools.Formats;
using Connector.Tools.Parsing;

namespace Connector.Tools.Constraints;

/// <summary>
/// The parameters of a tool as tags: declared ones in any order, each at most once, required ones present. Strings
/// stand as they are, up to their closing tag, and follow their enumeration, pattern and length; other values are JSON.
/// </summary>
internal sealed class ParameterGrammar(ConstraintGrammar grammar, ParameterTags tags, ToolSignature tool)
{
    private static readonly HashSet<string> s_strings = new(StringComparer.Ordinal) { "type", "enum", "const", "minLength", "maxLength", "pattern" };
    private static readonly HashSet<string> s_types = new(StringComparer.Ordinal) { "type" };

    private RegexSet Regexes => grammar.Regexes;

    public Symbol Parameters()
    {
        var declared = Declared();
        if (declared.Count == 0)
        {
            return ClosedSchema.ForbidsOthers(tool.Schema)
                ? grammar.Nothing
                : grammar.Grammar.Repeat(Other([]), 0);
        }

        var required = tool.Schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Select(n => n.ToString()).ToHashSet(StringComparer.Ordinal)
            : [];
        var items = declared
            .Select(p => new Grammar.UnorderedItem(Parameter(grammar.Grammar.Text(p.Name), p.Value, $"/properties/{p.Name}"), required.Contains(p.Name)))
            .ToList();
        var others = ClosedSchema.UndeclaredAtRoot(tool.Schema);
        var isBounded = others < int.MaxValue;
        if (items.Count + (isBounded ? others : 0) > Grammar.MaxUnorderedItems)
        {
            var ordered = grammar.Text([.. items.Select(i => i.Required ? i.Symbol : grammar.Optional(i.Symbol))]);
            return others == 0 ? ordered : grammar.Text(ordered, grammar.Grammar.Repeat(Other(declared), 0, others));
        }

        if (others > 0)
        {
            items.Add(new Grammar.UnorderedItem(Other(declared), Required: false, Repeats: !isBounded, Extra: isBounded ? others : 0));
        }

        return grammar.Grammar.Unordered([.. items], grammar.Nothing);
    }

    /// <summary>A parameter that is not declared.</summary>
    private Symbol Other(List<JsonProperty> declared)
    {
        var names = Regexes.Literals(declared.Select(p => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(p.Name)));
        return Parameter(grammar.Grammar.Lexeme(declared.Count == 0 ? Key() : Regexes.Except(Key(), names)), ClosedSchema.OtherValues(tool.Schema), "/additionalProperties");
    }

    private List<JsonProperty> Declared() =>
        tool.Schema.ValueKind == JsonValueKind.Object && tool.Schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            ? [.. properties.EnumerateObject()]
            : [];

    private Symbol Parameter(Symbol key, JsonElement schema, string at)
    {
        // Where a string and something else are allowed, any text reads as one of them.
        var types = ParameterTypes.Of(schema);
        var value = (types, tags.TellsStrings) switch
        {
            ({ AllowsText: false }, false) => Json(schema, types, at),
            (_, false) => Raw(schema, types, at),
            ({ AllowsText: false }, true) => AsJson(),
            ({ IsText: true }, true) => AsRaw(),
            (_, true) => grammar.Choice([AsRaw(), AsJson()]),
        };

        var line = tags.ValueLines ? grammar.Grammar.Text("\n") : grammar.Nothing;
        return grammar.Text(
            grammar.Marker(tags.KeyOpen),
            key,
            grammar.Marker(tags.KeyClose),
            tags.ValueOpen.Length > 0 ? grammar.Text(grammar.Gap, grammar.Marker(tags.ValueOpen)) : grammar.Nothing,
            line,
            value,
            line,
            grammar.Marker(tags.ValueClose),
            grammar.Gap);

        Symbol AsRaw() => grammar.Text(grammar.Grammar.Text("true\">"), Raw(schema, types, at));
        Symbol AsJson() => grammar.Text(grammar.Grammar.Text("false\">"), Json(schema, types, at));
    }

    private Regex Key() => Regexes.Repeat(Regexes.Except(Regexes.Bytes(ByteSet.Range(0x21, 0xFF)), Regexes.AnyOf("<>\"="u8)), 1, 64);

    private Symbol Raw(JsonElement schema, ParameterTypes types, string at)
    {
        grammar.NoteUnenforced(schema, types.IsText ? s_strings : s_types, at);
        if (types.IsText && ConstraintGrammar.Enumerated(schema, JsonValueKind.String)?.ToArray() is { Length: > 0 } values)
        {
            return grammar.Grammar.Lexeme(Regexes.Literals(values.Select(v => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(v.GetString()!))));
        }

        return grammar.Grammar.Lexeme(types.IsText ? grammar.RawString(schema, tags.ValueClose) : grammar.Without(tags.ValueClose));
    }

    private Symbol Json(JsonElement schema, ParameterTypes types, string at)
    {
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            return grammar.Json(JsonDocument.Parse("true").RootElement);
        }

        var json = grammar.Json(schema, at);
        return types.Names is { Count: 1 } && types.Allows(JsonValueKind.True)
            ? grammar.Choice([json, grammar.Grammar.Text("True"), grammar.Grammar.Text("False")])
            : json;
    }
}
