using System.Collections.Immutable;
using Connector.Decoding.Constraints.Grammars;
using Connector.Templates.Jinja;
using Connector.Tools.Constraints;
using Connector.Tools.Parsing;

namespace Connector.Tools.Formats;

/// <summary>
/// Gemma 4: <c>&lt;|tool_call&gt;call:f{key:value,…}&lt;tool_call|&gt;</c>, where strings stand between
/// <c>&lt;|"|&gt;</c> tokens and keys without quotes.
/// </summary>
internal sealed class GemmaFormat : ToolFormat
{
    private const string Open = "<|tool_call>";
    private const string Call = "call:";
    private const string Close = "<tool_call|>";

    public override string Name => "gemma4";

    public override ImmutableArray<string> Openings => [Open];

    public override bool TryRead(ref CallReader reader, IReadOnlyDictionary<string, ToolSignature> tools, List<ToolCall> calls)
    {
        if (!reader.Literal(Open))
        {
            return false;
        }

        reader.Space();
        if (!reader.Literal(Call) || !reader.Word("{", out var name) || !GemmaNotation.TryRead(ref reader, out var arguments))
        {
            return false;
        }

        reader.Space();
        if (!reader.Literal(Close) && !reader.IsOver)
        {
            return false;
        }

        calls.Add(new ToolCall(name.Trim(), arguments!.ToJsonString()));
        return true;
    }

    public override JinjaString Render(IReadOnlyList<ToolCall> calls)
    {
        var text = new CallWriter();
        foreach (var call in calls)
        {
            text.Marker(Open + Call).Data(call.Name);
            GemmaNotation.Write(text, ToolJson.TryParse(call.Arguments, out var arguments) ? arguments : default);
            text.Marker(Close);
        }

        return text.ToJinjaString();
    }

    public override Symbol Calls(ConstraintGrammar grammar, IReadOnlyList<ToolSignature> tools, bool parallel)
    {
        var values = new GemmaGrammar(grammar);
        var call = grammar.Choice(tools.Select(tool => grammar.Text(
            grammar.Marker(Open + Call + tool.Name),
            values.Arguments(tool),
            grammar.Marker(Close))));
        return grammar.OneOrMore(call, parallel, grammar.Nothing);
    }
}
