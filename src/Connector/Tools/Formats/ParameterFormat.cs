using System.Collections.Immutable;
using System.Text.Json;
using Connector.Decoding.Constraints.Grammars;
using Connector.Templates.Jinja;
using Connector.Tools.Constraints;
using Connector.Tools.Parsing;

namespace Connector.Tools.Formats;

/// <summary>The tags of a <see cref="ParameterFormat"/>.</summary>
internal sealed record ParameterTags
{
    /// <summary>Before the calls; empty (default): none.</summary>
    public string SectionOpen { get; init; } = "";

    /// <summary>After the calls.</summary>
    public string SectionClose { get; init; } = "";

    /// <summary>Whether a section holds all calls of an answer, or each call has its own (default).</summary>
    public bool SharesSection { get; init; }

    /// <summary>Before the name.</summary>
    public required string CallOpen { get; init; }

    /// <summary>After the name; empty: the name ends at a line break or at the next tag.</summary>
    public string AfterName { get; init; } = "";

    /// <summary>After the last parameter.</summary>
    public required string CallClose { get; init; }

    /// <summary>Before a parameter's name.</summary>
    public required string KeyOpen { get; init; }

    /// <summary>After a parameter's name.</summary>
    public required string KeyClose { get; init; }

    /// <summary>Before a parameter's value, after a line break perhaps; empty (default): nothing.</summary>
    public string ValueOpen { get; init; } = "";

    /// <summary>After a parameter's value.</summary>
    public required string ValueClose { get; init; }

    /// <summary>Whether a value stands in lines of its own. Default: no.</summary>
    public bool ValueLines { get; init; }

    /// <summary>Whether tags stand in lines of their own. Default: yes.</summary>
    public bool TagLines { get; init; } = true;

    /// <summary>
    /// Whether the key's tag goes on with <c>true"&gt;</c> for a string and <c>false"&gt;</c> for other JSON (DeepSeek's DSML).
    /// </summary>
    public bool TellsStrings { get; init; }
}

/// <summary>
/// Calls as tags around a name, keys and values, where strings stand without quotes and other values are JSON: Qwen 3
/// Coder and Qwen 3.5 (<c>&lt;function=f&gt;&lt;parameter=k&gt;</c>), Seed OSS, MiniMax M2, DeepSeek V3.2 and V4, GLM
/// (<c>&lt;arg_key&gt;</c>).
/// </summary>
internal sealed class ParameterFormat(string name, ParameterTags tags) : ToolFormat
{
    private const string IsString = "true\">";
    private const string IsOther = "false\">";

    private readonly string _line = tags.TagLines ? "\n" : "";
    private readonly string _valueLine = tags.ValueLines ? "\n" : "";

    public override string Name => name;

    public override ImmutableArray<string> Openings => tags.SectionOpen.Length > 0 ? [tags.SectionOpen, tags.CallOpen] : [tags.CallOpen];

    public override bool TryRead(ref CallReader reader, IReadOnlyDictionary<string, ToolSignature> tools, List<ToolCall> calls)
    {
        var inSection = tags.SectionOpen.Length > 0 && reader.Literal(tags.SectionOpen);
        do
        {
            var good = reader.Position;
            reader.Space();
            if (!TryReadCall(ref reader, tools, calls))
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
        while (!reader.Literal(tags.SectionClose) && !reader.IsOver);
        return true;
    }

    public override JinjaString Render(IReadOnlyList<ToolCall> calls)
    {
        var text = new CallWriter();
        for (var i = 0; i < calls.Count; i++)
        {
            text.Marker(i > 0 ? _line : "");
            text.Marker(tags.SectionOpen.Length > 0 && (i == 0 || !tags.SharesSection) ? tags.SectionOpen + _line : "");
            text.Marker(tags.CallOpen).Data(calls[i].Name).Marker(tags.AfterName + _line);
            foreach (var member in ToolJson.Members(calls[i].Arguments))
            {
                var isString = member.Value.ValueKind == JsonValueKind.String;
                text.Marker(tags.KeyOpen).Data(member.Name).Marker(tags.KeyClose);
                text.Marker(tags.TellsStrings ? isString ? IsString : IsOther : "");
                text.Marker(tags.ValueOpen.Length > 0 ? _line + tags.ValueOpen : "").Marker(_valueLine);
                text.Data(isString ? member.Value.GetString()! : ToolJson.Write(member.Value));
                text.Marker(_valueLine + tags.ValueClose + _line);
            }

            text.Marker(tags.CallClose);
            text.Marker(tags.SectionOpen.Length > 0 && (i == calls.Count - 1 || !tags.SharesSection) ? _line + tags.SectionClose : "");
        }

        return text.ToJinjaString();
    }

    public override Symbol Calls(ConstraintGrammar grammar, IReadOnlyList<ToolSignature> tools, bool parallel)
    {
        var call = grammar.Choice(tools.Select(tool => grammar.Text(
            grammar.Marker(tags.CallOpen + tool.Name + tags.AfterName),
            grammar.Gap,
            new ParameterGrammar(grammar, tags, tool).Parameters(),
            grammar.Marker(tags.CallClose))));
        if (tags.SectionOpen.Length == 0)
        {
            return grammar.OneOrMore(call, parallel, grammar.Gap);
        }

        var head = grammar.Text(grammar.Marker(tags.SectionOpen), grammar.Gap);
        var tail = grammar.Text(grammar.Gap, grammar.Marker(tags.SectionClose));
        return tags.SharesSection
            ? grammar.Text(head, grammar.OneOrMore(call, parallel, grammar.Gap), tail)
            : grammar.OneOrMore(grammar.Text(head, call, tail), parallel, grammar.Gap);
    }

    private bool TryReadCall(ref CallReader reader, IReadOnlyDictionary<string, ToolSignature> tools, List<ToolCall> calls)
    {
        if (!reader.Literal(tags.CallOpen) || !TryReadName(ref reader, out var called))
        {
            return false;
        }

        var tool = tools.GetValueOrDefault(called);
        var arguments = new ParameterValues();
        reader.Space();
        while (!reader.Literal(tags.CallClose))
        {
            if (reader.IsOver)
            {
                break;
            }

            if (!TryReadParameter(ref reader, tool, arguments))
            {
                return false;
            }

            reader.Space();
        }

        calls.Add(new ToolCall(called, arguments.ToJson()));
        return true;
    }

    private bool TryReadName(ref CallReader reader, out string called)
    {
        var found = tags.AfterName.Length > 0 ? reader.Until(tags.AfterName, out called) : reader.Word("\n<", out called);
        called = called.Trim();
        found &= tags.AfterName.Length > 0 || !reader.IsOver;
        return found && called.Length > 0 && !called.AsSpan().ContainsAny('\n', '<', '>');
    }

    private bool TryReadParameter(ref CallReader reader, ToolSignature? tool, ParameterValues arguments)
    {
        if (!reader.Literal(tags.KeyOpen) || !reader.Until(tags.KeyClose, out var key))
        {
            return false;
        }

        bool? isString = null;
        if (tags.TellsStrings)
        {
            isString = reader.Literal(IsString);
            if (isString == false && !reader.Literal(IsOther))
            {
                return false;
            }
        }

        if (tags.ValueOpen.Length > 0)
        {
            reader.Space();
            if (!reader.Literal(tags.ValueOpen))
            {
                return false;
            }
        }

        if (!reader.Until(tags.ValueClose, out var value))
        {
            return false;
        }

        arguments.Add(key.Trim(), tags.ValueLines ? WithoutLines(value) : value, isString, tool?.Parameter(key.Trim()));
        return true;
    }

    private static string WithoutLines(string value)
    {
        var start = value.StartsWith('\n') ? 1 : 0;
        var end = value.Length > start && value.EndsWith('\n') ? value.Length - 1 : value.Length;
        return value[start..end];
    }
}
