using System.Collections.Immutable;
using Connector.Decoding.Constraints.Grammars;
using Connector.Templates.Jinja;
using Connector.Tools.Constraints;
using Connector.Tools.Parsing;

namespace Connector.Tools.Formats;

/// <summary>
/// gpt-oss: an answer is a row of messages in channels, and a call is a message of the commentary channel to a
/// function. <see cref="HarmonySplitter"/> reads the channels; this class knows the calls in them. An answer holds at
/// most one call, because the token after it ends the generation.
/// </summary>
internal sealed class HarmonyFormat : ToolFormat
{
    public const string Start = "<|start|>";
    public const string Channel = "<|channel|>";
    public const string Message = "<|message|>";
    public const string Constrain = "<|constrain|>";
    public const string End = "<|end|>";
    public const string Return = "<|return|>";
    public const string Call = "<|call|>";
    public const string Functions = "functions.";

    public override string Name => "harmony";

    public override ImmutableArray<string> Openings => [Channel];

    /// <summary>Calls are found by the splitter, whose headers tell more than a call's own text.</summary>
    public override bool TryRead(ref CallReader reader, IReadOnlyDictionary<string, ToolSignature> tools, List<ToolCall> calls)
    {
        if (!reader.Until(Message, out var header) || TargetOf(header) is not { } name || !reader.Json(Call, out var arguments))
        {
            return false;
        }

        calls.Add(new ToolCall(name, arguments));
        return true;
    }

    public override JinjaString Render(IReadOnlyList<ToolCall> calls)
    {
        var text = new CallWriter();
        foreach (var call in calls)
        {
            text.Marker($"{Channel}commentary to={Functions}").Data(call.Name);
            text.Marker($" {Constrain}json{Message}").Data(ToolJson.Normalize(call.Arguments));
        }

        return text.ToJinjaString();
    }

    public override Symbol Calls(ConstraintGrammar grammar, IReadOnlyList<ToolSignature> tools, bool parallel) => grammar.Choice(tools.Select(tool =>
    {
        var target = $" to={Functions}{tool.Name}";
        var type = grammar.Choice([
            grammar.Marker($" {Constrain}json"),
            grammar.Marker($"{Constrain}json"),
            grammar.Marker(" json"),
            grammar.Nothing]);
        var header = grammar.Choice([
            grammar.Marker($"{Channel}commentary{target}"),
            grammar.Marker($"{target}{Channel}commentary")]);
        return grammar.Text(header, type, grammar.Marker(Message), grammar.Arguments(tool));
    }));

    /// <summary>The function that a message's header is addressed to, or null.</summary>
    public static string? TargetOf(string header)
    {
        var at = header.IndexOf("to=" + Functions, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var name = header.AsSpan(at + 3 + Functions.Length);
        var end = name.IndexOfAny(" <\n");
        return (end < 0 ? name : name[..end]).ToString();
    }
}
