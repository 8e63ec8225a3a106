using System.Text;
using Connector.Tools.Formats;
using Microsoft.Extensions.AI;

namespace Connector.Tools.Parsing;

/// <summary>
/// Reads gpt-oss answers: messages of a header and a body each. The analysis channel is reasoning, a message to a
/// function is a call, everything else is text.
/// </summary>
internal sealed class HarmonySplitter(CallContents contents) : HeldSplitter
{
    private static readonly string[] s_headerEnds = [HarmonyFormat.Message];
    private static readonly string[] s_bodyEnds =
        [HarmonyFormat.End, HarmonyFormat.Return, HarmonyFormat.Call, HarmonyFormat.Start, HarmonyFormat.Channel];

    private readonly StringBuilder _arguments = new();
    private string? _header;

    public override void Finish(ICollection<AIContent> output)
    {
        base.Finish(output);
        if (_header is not null && HarmonyFormat.TargetOf(_header) is { } name)
        {
            EmitCall(name, output);
            _header = null;
        }
    }

    protected override int? Read(ReadOnlySpan<char> text, ICollection<AIContent> output, bool isFinal)
    {
        var (header, used) = (_header, _header is null ? ReadHeader(text, isFinal) : ReadBody(text, output, isFinal));
        return used == 0 && header == _header ? null : used;
    }

    private int ReadHeader(ReadOnlySpan<char> text, bool isFinal)
    {
        var at = HeldText.Find(text, s_headerEnds, out var marker);
        if (at >= 0)
        {
            _header = text[..at].ToString();
            return at + marker.Length;
        }

        if (LooksLikeHeader(text))
        {
            // A header that never ends holds nothing that was said.
            return isFinal ? text.Length : 0;
        }

        _header = "";
        return 0;
    }

    private int ReadBody(ReadOnlySpan<char> text, ICollection<AIContent> output, bool isFinal)
    {
        var at = HeldText.Find(text, s_bodyEnds, out var marker);
        var body = at >= 0 ? text[..at] : isFinal ? text : text[..^HeldText.PartialMarker(text, s_bodyEnds)];
        if (HarmonyFormat.TargetOf(_header!) is { } name)
        {
            _arguments.Append(body);
            if (at >= 0)
            {
                EmitCall(name, output);
            }
        }
        else if (body.Length > 0)
        {
            output.Add(_header!.Contains("analysis", StringComparison.Ordinal)
                ? new TextReasoningContent(body.ToString())
                : new TextContent(body.ToString()));
        }

        if (at < 0)
        {
            return body.Length;
        }

        // A message that another one follows without an end leaves that one's opening to its header.
        _header = null;
        return marker == HarmonyFormat.Channel ? at : at + marker.Length;
    }

    private void EmitCall(string name, ICollection<AIContent> output)
    {
        var arguments = _arguments.ToString().Trim();
        _arguments.Clear();
        output.Add(contents.Create(new ToolCall(name, arguments.Length == 0 ? "{}" : arguments)));
    }

    private static bool LooksLikeHeader(ReadOnlySpan<char> text)
    {
        var shown = text.TrimStart();
        if (shown.IsEmpty)
        {
            return true;
        }

        foreach (var start in new[] { HarmonyFormat.Start, HarmonyFormat.Channel, "assistant", "to=" })
        {
            if (shown.StartsWith(start, StringComparison.Ordinal) || start.AsSpan().StartsWith(shown, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
