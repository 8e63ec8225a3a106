using System.Text.Json;
using Connector.Tools;
using Connector.Tools.Parsing;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Tools;

/// <summary>Tools and calls that stress formats: every JSON type, text with quotes, line breaks, tags and letters beyond ASCII.</summary>
internal static class SampleTools
{
    public static IReadOnlyList<ToolSignature> All { get; } =
    [
        Tool("get_weather", """{"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}}, "required": ["city"]}"""),
        Tool("math.add", """{"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "integer"}}, "required": ["a", "b"]}"""),
        Tool("book", """
            {"type": "object", "properties": {
              "title": {"type": "string"}, "pages": {"type": "integer"}, "used": {"type": "boolean"}, "note": {"type": ["string", "null"]},
              "tags": {"type": "array", "items": {"type": "string"}},
              "author": {"type": "object", "properties": {"name": {"type": "string"}, "born": {"type": "integer"}}, "required": ["name"]}},
             "required": ["title"]}
            """),
        Tool("ping", """{"type": "object", "properties": {}}"""),
    ];

    public static IReadOnlyDictionary<string, ToolSignature> ByName { get; } = All.ToDictionary(t => t.Name, StringComparer.Ordinal);

    public static IReadOnlyList<AIFunctionDeclaration> Declarations { get; } = [.. All.Select(t => new Declaration(t))];

    /// <summary>Calls, the ids nine letters long so that every family takes them.</summary>
    public static IReadOnlyList<ToolCall> Calls { get; } =
    [
        new("get_weather", """{"city": "Zürich", "unit": "celsius"}""", "aaaaaaaa1"),
        new("math.add", """{"a": -1.5, "b": 40}""", "aaaaaaaa2"),
        new("book", """{"title": "Say \"hi\"\n{[}] 😀", "pages": 12, "used": true, "note": null, "tags": ["x, y", "z"], "author": {"name": "Ann: B", "born": 1970}}""", "aaaaaaaa3"),
        new("ping", "{}", "aaaaaaaa4"),
    ];

    public static ToolSignature Tool(string name, string schema) => new(name, $"Does {name}.", JsonDocument.Parse(schema).RootElement);

    /// <summary>Everything a splitter makes of some pieces, neighbouring texts joined.</summary>
    public static List<AIContent> Split(IOutputSplitter splitter, IEnumerable<string> pieces)
    {
        var output = new List<AIContent>();
        foreach (var piece in pieces)
        {
            splitter.Add(piece, output);
        }

        splitter.Finish(output);
        var joined = new List<AIContent>();
        foreach (var content in output)
        {
            if (content is TextContent text && joined.LastOrDefault() is TextContent before)
            {
                joined[^1] = new TextContent(before.Text + text.Text);
            }
            else if (content is TextReasoningContent thought && joined.LastOrDefault() is TextReasoningContent earlier)
            {
                joined[^1] = new TextReasoningContent(earlier.Text + thought.Text);
            }
            else
            {
                joined.Add(content);
            }
        }

        return joined;
    }

    /// <summary>Contents as text for comparison: calls as NAME{JSON}, reasoning in parentheses; ids left out.</summary>
    public static string Show(IEnumerable<AIContent> contents) => string.Join(" | ", contents.Select(c => c switch
    {
        TextContent t => t.Text,
        TextReasoningContent r => $"({r.Text})",
        FunctionCallContent { Exception: not null } f => $"{f.Name}!",
        FunctionCallContent f => f.Name + Json(f),
        _ => c.GetType().Name,
    }));

    public static string ShowCalls(IEnumerable<ToolCall> calls) => string.Join(" | ", calls.Select(c => c.Name + Sorted(c.Arguments)));

    public static ToolCallSplitter Splitter(ToolFormat format) => new(format, ByName, new CallContents(new CallIds(format.IdStyle, [], new Random(1))));

    /// <summary>All ways to cut a text in two, and the cut into single characters.</summary>
    public static IEnumerable<string[]> Chunkings(string text)
    {
        for (var i = 0; i <= text.Length; i++)
        {
            yield return [text[..i], text[i..]];
        }

        yield return [.. text.Select(c => c.ToString())];
        yield return [.. text.Chunk(3).Select(c => new string(c))];
    }

    private static string Json(FunctionCallContent call)
    {
        var members = call.Arguments!.OrderBy(a => a.Key, StringComparer.Ordinal)
            .Select(a => $"\"{a.Key}\": {(a.Value is null ? "null" : Sorted((JsonElement)a.Value))}");
        return "{" + string.Join(", ", members) + "}";
    }

    private static string Sorted(string arguments)
    {
        var members = ToolJson.Members(arguments).OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => $"\"{m.Name}\": {Sorted(m.Value)}");
        return "{" + string.Join(", ", members) + "}";
    }

    private static string Sorted(JsonElement value) => value.ValueKind == JsonValueKind.Object ? Sorted(value.GetRawText()) : ToolJson.Write(value);

    private sealed class Declaration(ToolSignature tool) : AIFunctionDeclaration
    {
        public override string Name => tool.Name;

        public override string Description => tool.Description;

        public override JsonElement JsonSchema => tool.Schema;
    }
}
