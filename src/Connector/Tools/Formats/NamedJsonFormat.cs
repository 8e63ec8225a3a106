using System.Collections.Immutable;
using Connector.Decoding.Constraints.Grammars;
using Connector.Templates.Jinja;
using Connector.Tools.Constraints;
using Connector.Tools.Parsing;

namespace Connector.Tools.Formats;

/// <summary>The markers of a <see cref="NamedJsonFormat"/>.</summary>
internal sealed record NamedJsonMarkers
{
    /// <summary>Before all calls; empty (default): none.</summary>
    public string SectionOpen { get; init; } = "";

    /// <summary>After all calls; empty (default): none.</summary>
    public string SectionClose { get; init; } = "";

    /// <summary>Before a call.</summary>
    public required string CallOpen { get; init; }

    /// <summary>Between the name and the arguments.</summary>
    public required string BeforeArguments { get; init; }

    /// <summary>After a call; empty (default): none.</summary>
    public string CallClose { get; init; } = "";

    /// <summary>Between two calls. Default: nothing.</summary>
    public string Separator { get; init; } = "";

    /// <summary>Between the name and an id that may follow it; empty (default): no ids.</summary>
    public string BeforeId { get; init; } = "";

    /// <summary>Whether the name is written as <c>functions.NAME:INDEX</c>, which is the call's id too.</summary>
    public bool NumbersCalls { get; init; }
}

/// <summary>
/// Calls as a name, a marker and the arguments as JSON: DeepSeek V3, R1 and V3.1, Mistral from Small 3.2 on
/// (<c>[TOOL_CALLS]f[ARGS]{…}</c>), Kimi K2.
/// </summary>
internal sealed class NamedJsonFormat(string name, NamedJsonMarkers markers, CallIdStyle ids = CallIdStyle.Usual) : ToolFormat
{
    private const string Prefix = "functions.";

    public override string Name => name;

    public override ImmutableArray<string> Openings => markers.SectionOpen.Length > 0 ? [markers.SectionOpen, markers.CallOpen] : [markers.CallOpen];

    public override CallIdStyle IdStyle => ids;

    public override bool TryRead(ref CallReader reader, IReadOnlyDictionary<string, ToolSignature> tools, List<ToolCall> calls)
    {
        var inSection = markers.SectionOpen.Length > 0 && reader.Literal(markers.SectionOpen);
        do
        {
            var good = reader.Position;
            reader.Space();
            if (!TryReadCall(ref reader, calls))
            {
                // What follows a good call and is none itself goes on as text.
                reader.Position = good;
                return calls.Count > 0 && !reader.IsStarved;
            }

            if (!inSection)
            {
                return true;
            }

            reader.Space();
        }
        while (!reader.Literal(markers.SectionClose) && !reader.IsOver);
        return true;
    }

    public override JinjaString Render(IReadOnlyList<ToolCall> calls)
    {
        var text = new CallWriter().Marker(markers.SectionOpen);
        for (var i = 0; i < calls.Count; i++)
        {
            text.Marker(i > 0 ? markers.Separator : "").Marker(markers.CallOpen);
            text.Data(markers.NumbersCalls ? $"{Prefix}{calls[i].Name}:{i}" : calls[i].Name);
            if (markers.BeforeId.Length > 0 && calls[i].Id is { } id)
            {
                text.Marker(markers.BeforeId).Data(id);
            }

            text.Marker(markers.BeforeArguments).Data(ToolJson.Normalize(calls[i].Arguments)).Marker(markers.CallClose);
        }

        return text.Marker(markers.SectionClose).ToJinjaString();
    }

    public override Symbol Calls(ConstraintGrammar grammar, IReadOnlyList<ToolSignature> tools, bool parallel)
    {
        var id = markers.BeforeId.Length == 0
            ? grammar.Nothing
            : grammar.Optional(grammar.Text(grammar.Marker(markers.BeforeId), grammar.ShortId));
        var number = markers.NumbersCalls ? grammar.Digits : grammar.Nothing;
        var prefix = markers.NumbersCalls ? Prefix : "";
        var colon = markers.NumbersCalls ? ":" : "";
        var call = grammar.Choice(tools.Select(tool => grammar.Text(
            grammar.Marker(markers.CallOpen + prefix + tool.Name + colon),
            number,
            id,
            grammar.Marker(markers.BeforeArguments),
            grammar.Arguments(tool),
            grammar.Marker(markers.CallClose))));
        return grammar.Text(
            grammar.Marker(markers.SectionOpen),
            grammar.OneOrMore(call, parallel, grammar.Marker(markers.Separator)),
            grammar.Marker(markers.SectionClose));
    }

    private bool TryReadCall(ref CallReader reader, List<ToolCall> calls)
    {
        if (!reader.Literal(markers.CallOpen) || !TryReadName(ref reader, out var name, out var id))
        {
            return false;
        }

        reader.Space();
        if (!reader.Json(markers.CallClose, out var arguments))
        {
            return false;
        }

        reader.Space();
        var close = markers.CallClose.AsSpan().TrimStart();
        if (!close.IsEmpty && !reader.Literal(close) && !reader.IsOver)
        {
            return false;
        }

        calls.Add(new ToolCall(name, arguments, id));
        return true;
    }

    private bool TryReadName(ref CallReader reader, out string name, out string? id)
    {
        id = null;
        if (!reader.Until(markers.BeforeArguments.Trim(), out name))
        {
            return false;
        }

        name = name.Trim();
        if (markers.BeforeId.Length > 0 && name.Split(markers.BeforeId) is [var before, var own])
        {
            (name, id) = (before, own);
        }

        if (markers.NumbersCalls)
        {
            id = name;
            name = name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;
            name = name.LastIndexOf(':') is > 0 and var colon ? name[..colon] : name;
        }

        return name.Length > 0 && !name.Contains('\n', StringComparison.Ordinal);
    }
}
