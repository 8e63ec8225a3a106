using System.Collections.Immutable;
using Connector.Decoding.Constraints.Grammars;
using Connector.Templates.Jinja;
using Connector.Tools.Constraints;
using Connector.Tools.Parsing;

namespace Connector.Tools.Formats;

/// <summary>
/// All calls of an answer in one JSON array after a marker: Mistral up to Nemo (<c>[TOOL_CALLS][{"name": …, "arguments":
/// …, "id": …}]</c>, with ids of nine letters and digits), Granite 3, Firefunction.
/// </summary>
/// <param name="name">The format's name.</param>
/// <param name="open">The marker before the array.</param>
/// <param name="ids">The form of the family's ids.</param>
internal sealed class JsonArrayFormat(string name, string open, CallIdStyle ids = CallIdStyle.Usual) : ToolFormat
{
    public override string Name => name;

    public override ImmutableArray<string> Openings => [open];

    public override CallIdStyle IdStyle => ids;

    public override bool TryRead(ref CallReader reader, IReadOnlyDictionary<string, ToolSignature> tools, List<ToolCall> calls)
    {
        if (!reader.Literal(open))
        {
            return false;
        }

        reader.Space();
        return reader.Json("", out var json) && JsonCalls.TryAdd(json, calls);
    }

    public override JinjaString Render(IReadOnlyList<ToolCall> calls)
    {
        var text = new CallWriter().Marker(open + "[");
        for (var i = 0; i < calls.Count; i++)
        {
            text.Marker(i > 0 ? ", " : "");
            JsonCalls.Write(text, calls[i], "arguments", withId: ids == CallIdStyle.Short);
        }

        return text.Marker("]").ToJinjaString();
    }

    public override Symbol Calls(ConstraintGrammar grammar, IReadOnlyList<ToolSignature> tools, bool parallel)
    {
        var call = grammar.JsonCall(tools, "arguments", withId: ids == CallIdStyle.Short);
        return grammar.Text(
            grammar.Marker(open),
            grammar.JsonToken("["),
            grammar.OneOrMore(call, parallel, grammar.JsonToken(",")),
            grammar.JsonToken("]"));
    }
}
