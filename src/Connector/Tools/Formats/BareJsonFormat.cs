using System.Collections.Immutable;
using Connector.Decoding.Constraints.Grammars;
using Connector.Templates.Jinja;
using Connector.Tools.Constraints;
using Connector.Tools.Parsing;

namespace Connector.Tools.Formats;

/// <summary>
/// Llama 3: the whole answer is a JSON object of name and parameters, without a marker or after
/// <c>&lt;|python_tag|&gt;</c>; several are separated by a semicolon.
/// </summary>
internal sealed class BareJsonFormat : ToolFormat
{
    private const string PythonTag = "<|python_tag|>";

    public override string Name => "llama3";

    public override ImmutableArray<string> Openings => ["{", PythonTag];

    public override bool OnlyAtStart => true;

    public override bool TryRead(ref CallReader reader, IReadOnlyDictionary<string, ToolSignature> tools, List<ToolCall> calls)
    {
        if (reader.Literal(PythonTag))
        {
            reader.Space();
        }

        if (!StartsLikeCall(ref reader))
        {
            return false;
        }

        do
        {
            if (!reader.Json("", out var json) || !JsonCalls.TryAdd(json, calls))
            {
                return calls.Count > 0 && !reader.IsStarved;
            }

            reader.Space();
            if (!reader.Literal(";") && !reader.Literal(","))
            {
                return !reader.IsStarved;
            }

            reader.Space();
        }
        while (!reader.IsOver);
        return true;
    }

    public override JinjaString Render(IReadOnlyList<ToolCall> calls)
    {
        var text = new CallWriter();
        for (var i = 0; i < calls.Count; i++)
        {
            text.Marker(i > 0 ? "; " : "");
            JsonCalls.Write(text, calls[i], "parameters", withId: false);
        }

        return text.ToJinjaString();
    }

    public override Symbol Calls(ConstraintGrammar grammar, IReadOnlyList<ToolSignature> tools, bool parallel) =>
        grammar.OneOrMore(grammar.JsonCall(tools, "parameters"), parallel, grammar.JsonToken(";"));

    /// <summary>Whether the object's first key is one of a call's, so that other JSON answers stream on.</summary>
    private static bool StartsLikeCall(ref CallReader reader)
    {
        var start = reader.Position;
        var starts = false;
        if (reader.Literal("{"))
        {
            reader.Space();
            starts = reader.Literal("\"name\"") || reader.Literal("\"type\"") || reader.Literal("\"function\"");
        }

        reader.Position = start;
        return starts;
    }
}
