using System.Collections.Immutable;
using System.Text.Json;
using Connector.Decoding.Constraints.Grammars;
using Connector.Templates.Jinja;
using Connector.Tools.Constraints;
using Connector.Tools.Parsing;

namespace Connector.Tools.Formats;

/// <summary>
/// Calls as JSON objects of name and arguments between tags, one or several lines in each pair of tags: Hermes, Qwen
/// 2.5 and 3, Granite 4 (<c>&lt;tool_call&gt;{"name": …, "arguments": …}&lt;/tool_call&gt;</c>), MiniMax M1, GigaChat.
/// </summary>
/// <param name="name">The format's name.</param>
/// <param name="open">The tag before.</param>
/// <param name="close">The tag after, or nothing.</param>
/// <param name="lineBreaks">Whether the tags stand in lines of their own.</param>
/// <param name="manyInTags">Whether several calls share a pair of tags.</param>
internal sealed class JsonCallFormat(string name, string open, string close, bool lineBreaks = true, bool manyInTags = false) : ToolFormat
{
    private readonly string _break = lineBreaks ? "\n" : "";

    public override string Name => name;

    public override ImmutableArray<string> Openings => [open];

    public override bool TryRead(ref CallReader reader, IReadOnlyDictionary<string, ToolSignature> tools, List<ToolCall> calls)
    {
        if (!reader.Literal(open))
        {
            return false;
        }

        do
        {
            var good = reader.Position;
            reader.Space();
            if (!reader.Json(close, out var json) || !JsonCalls.TryAdd(json, calls))
            {
                // What follows a good call and is none itself goes on as text.
                reader.Position = good;
                return calls.Count > 0 && !reader.IsStarved;
            }

            if (close.Length == 0)
            {
                return true;
            }

            reader.Space();
            if (reader.Literal(close) || reader.IsOver)
            {
                return true;
            }
        }
        while (manyInTags);
        return false;
    }

    public override JinjaString Render(IReadOnlyList<ToolCall> calls)
    {
        var text = new CallWriter();
        for (var i = 0; i < calls.Count; i++)
        {
            var opens = i == 0 || !manyInTags;
            text.Marker(i > 0 ? "\n" : "").Marker(opens ? open + _break : "");
            JsonCalls.Write(text, calls[i], "arguments", withId: false);
            text.Marker(i == calls.Count - 1 || !manyInTags ? _break + close : "");
        }

        return text.ToJinjaString();
    }

    public override Symbol Calls(ConstraintGrammar grammar, IReadOnlyList<ToolSignature> tools, bool parallel)
    {
        var call = grammar.JsonCall(tools, "arguments");
        Symbol head = grammar.Text(grammar.Marker(open), grammar.Gap);
        Symbol tail = close.Length == 0 ? grammar.Nothing : grammar.Text(grammar.Gap, grammar.Marker(close));
        return manyInTags
            ? grammar.Text(head, grammar.OneOrMore(call, parallel, grammar.Gap), tail)
            : grammar.OneOrMore(grammar.Text(head, call, tail), parallel, grammar.Gap);
    }
}

/// <summary>JSON objects that are calls.</summary>
internal static class JsonCalls
{
    /// <summary>
    /// Adds the calls that a JSON text holds: an object of name and arguments, or an array of such. False where it
    /// names no tool. A call whose JSON is broken but whose name can be read is added as it stands.
    /// </summary>
    public static bool TryAdd(string json, List<ToolCall> calls)
    {
        if (!ToolJson.TryParse(json, out var value))
        {
            return TryAddBroken(json, calls);
        }

        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        var read = items.Select(Read).ToList();
        if (read.Count == 0 || read.Contains(null))
        {
            return false;
        }

        calls.AddRange(read!);
        return true;
    }

    public static void Write(CallWriter text, ToolCall call, string argumentsKey, bool withId)
    {
        text.Data($"{{\"name\": {ToolJson.Quote(call.Name)}, \"{argumentsKey}\": {ToolJson.Normalize(call.Arguments)}");
        text.Data(withId && call.Id is not null ? $", \"id\": {ToolJson.Quote(call.Id)}}}" : "}");
    }

    private static ToolCall? Read(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var function = item.TryGetProperty("function", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : item;
        var name = Text(function, "name") ?? Text(function, "tool_name") ?? (inner.ValueKind == JsonValueKind.String ? inner.GetString() : null);
        if (name is null)
        {
            return null;
        }

        var found = function.TryGetProperty("arguments", out var arguments) || function.TryGetProperty("parameters", out arguments);
        var text = !found ? "{}" : arguments.ValueKind == JsonValueKind.String ? arguments.GetString()! : arguments.GetRawText();
        return new ToolCall(name, text, Text(item, "id") ?? Text(item, "tool_call_id"));
    }

    private static string? Text(JsonElement item, string key) =>
        item.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool TryAddBroken(string json, List<ToolCall> calls)
    {
        var reader = new CallReader(json, isFinal: true);
        reader.Literal("[");
        reader.Space();
        if (!reader.Literal("{"))
        {
            return false;
        }

        reader.Space();
        if (!reader.Literal("\"name\""))
        {
            return false;
        }

        reader.Space();
        if (!reader.Literal(":"))
        {
            return false;
        }

        reader.Space();
        if (!reader.Literal("\"") || !reader.Until("\"", out var name) || name.Length == 0)
        {
            return false;
        }

        calls.Add(new ToolCall(name, json));
        return true;
    }
}
