using System.Text.Json;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;
using Connector.Reasoning;
using Connector.Tools.Formats;
using Microsoft.Extensions.AI;

namespace Connector.Tools.Constraints;

/// <summary>What an answer may be.</summary>
internal sealed record AnswerRules
{
    /// <summary>How calls are written; null: there are none.</summary>
    public ToolFormat? Format { get; init; }

    /// <summary>The tools that are offered. Default: none.</summary>
    public IReadOnlyList<ToolSignature> Tools { get; init; } = [];

    /// <summary>Whether there may or must be calls. Null is <see cref="ChatToolMode.Auto"/>.</summary>
    public ChatToolMode? Mode { get; init; }

    /// <summary>Whether there may be several calls. Default: yes.</summary>
    public bool AllowsSeveralCalls { get; init; } = true;

    /// <summary>The schema of the answer where it is not a call; null (default): it is free text.</summary>
    public JsonElement? ResponseSchema { get; init; }

    /// <summary>What stands around the model's thoughts; null: it does not show any.</summary>
    public ReasoningTags? Reasoning { get; init; }

    /// <summary>Whether the prompt ends inside the thoughts.</summary>
    public bool StartsInReasoning { get; init; }

    /// <summary>A text that tells rules apart, for a cache.</summary>
    public string ToKey()
    {
        var mode = Mode switch
        {
            NoneChatToolMode => "none",
            RequiredChatToolMode required => "required " + required.RequiredFunctionName,
            _ => "auto",
        };
        var tools = Tools.SelectMany(t => new[] { t.Name, t.Schema.GetRawText() });
        return string.Join('\n', [Format?.Name, mode, $"{AllowsSeveralCalls} {Reasoning} {StartsInReasoning}", ResponseSchema?.GetRawText(), .. tools]);
    }
}

/// <summary>
/// The grammar of a whole answer: thoughts, if any, then free text that may turn into calls, or calls alone, or JSON.
/// Free text is a lexeme like any other: all bytes that do not spell an opening. So the constraint wakes at the
/// opening by itself, wherever tokens are cut, and in free text only the opening's way is marked out.
/// </summary>
internal static class AnswerGrammar
{
    /// <summary>Whether rules leave anything to constrain.</summary>
    public static bool IsNeeded(AnswerRules rules) =>
        rules.ResponseSchema is not null || (rules.Format is not null && rules.Tools.Count > 0);

    /// <summary>Compiles the constraint of an answer.</summary>
    /// <exception cref="ArgumentException">A tool is required that is not offered.</exception>
    /// <exception cref="NotSupportedException">A tool's schema cannot be enforced at all.</exception>
    public static CompiledConstraint Compile(AnswerRules rules, Vocabulary vocabulary)
    {
        var grammar = new ConstraintGrammar(vocabulary);
        var tools = Callable(rules);
        var start = rules.Format is HarmonyFormat harmony
            ? Harmony(grammar, harmony, rules, tools)
            : grammar.Text(Thoughts(grammar, rules), Answer(grammar, rules, tools));
        grammar.Grammar.Start = start;
        return CompiledConstraint.Create(grammar.Grammar, vocabulary, unenforced: grammar.Unenforced);
    }

    private static IReadOnlyList<ToolSignature> Callable(AnswerRules rules)
    {
        if (rules.Mode is RequiredChatToolMode { RequiredFunctionName: { } name })
        {
            return rules.Tools.Where(t => t.Name == name).ToList() is { Count: > 0 } found
                ? found
                : throw new ArgumentException($"The tool mode requires '{name}', which is not among the tools.", nameof(rules));
        }

        return rules.Mode is RequiredChatToolMode && rules.Tools.Count == 0
            ? throw new ArgumentException("The tool mode requires a call, but there are no tools.", nameof(rules))
            : rules.Tools;
    }

    private static Symbol Answer(ConstraintGrammar grammar, AnswerRules rules, IReadOnlyList<ToolSignature> tools)
    {
        var json = rules.ResponseSchema is { } schema ? grammar.Text(grammar.Gap, grammar.Json(schema)) : (Symbol?)null;
        if (rules.Format is not { } format || tools.Count == 0)
        {
            return json ?? Free(grammar, []);
        }

        if (rules.Mode is NoneChatToolMode)
        {
            return json ?? (format.OnlyAtStart ? FreeUnlike(grammar) : Free(grammar, format.Openings));
        }

        var calls = grammar.Text(grammar.Gap, format.Calls(grammar, tools, rules.AllowsSeveralCalls), grammar.Gap);
        if (rules.Mode is RequiredChatToolMode)
        {
            return calls;
        }

        if (json is { } alternative)
        {
            return grammar.Choice([calls, alternative]);
        }

        return format.OnlyAtStart
            ? grammar.Choice([calls, FreeUnlike(grammar)])
            : grammar.Text(Free(grammar, format.Openings), grammar.Optional(calls));
    }

    private static Symbol Thoughts(ConstraintGrammar grammar, AnswerRules rules)
    {
        if (rules.Reasoning is not { } tags)
        {
            return grammar.Nothing;
        }

        var inside = grammar.Text(Free(grammar, [tags.Close]), grammar.Marker(tags.Close), grammar.Gap);
        return rules.StartsInReasoning
            ? inside
            : grammar.Optional(grammar.Text(grammar.Gap, grammar.Marker(tags.Open.TrimEnd()), inside));
    }

    /// <summary>
    /// Free text without some markers, neither as the control token that they begin with nor spelled by other tokens:
    /// who reads the text could not tell the two apart.
    /// </summary>
    private static Symbol Free(ConstraintGrammar grammar, IReadOnlyList<string> markers)
    {
        var controls = markers.Select(grammar.LeadingControl).OfType<int>().ToHashSet();
        var bytes = grammar.Without(markers);
        return grammar.Free(bytes, bytes, controls);
    }

    /// <summary>Free text that does not begin like a call that has no marker.</summary>
    private static Symbol FreeUnlike(ConstraintGrammar grammar)
    {
        var regexes = grammar.Regexes;
        var space = regexes.Repeat(regexes.AnyOf(" \t\r\n"u8), 0);
        var key = regexes.Or(regexes.Literal("\"name\""), regexes.Literal("\"type\""), regexes.Literal("\"function\""));
        var call = regexes.Concat(space, regexes.Literal("{"), space, key, regexes.Anything);
        var python = grammar.LeadingControl("<|python_tag|>") is { } tag ? new HashSet<int> { tag } : [];
        return grammar.Free(regexes.Not(call), regexes.Anything, python);
    }

    private static Symbol Harmony(ConstraintGrammar grammar, HarmonyFormat format, AnswerRules rules, IReadOnlyList<ToolSignature> tools)
    {
        var body = grammar.Grammar.Lexeme(grammar.Regexes.Anything);
        var next = grammar.Marker($"{HarmonyFormat.End}{HarmonyFormat.Start}assistant");
        var thought = grammar.Text(grammar.Marker($"{HarmonyFormat.Channel}analysis{HarmonyFormat.Message}"), body, next);
        var preamble = grammar.Text(grammar.Marker($"{HarmonyFormat.Channel}commentary{HarmonyFormat.Message}"), body, next);
        var final = rules.ResponseSchema is { } schema
            ? grammar.Text(
                grammar.Marker($"{HarmonyFormat.Channel}final"),
                grammar.Optional(grammar.Marker($" {HarmonyFormat.Constrain}json")),
                grammar.Marker(HarmonyFormat.Message),
                grammar.Json(schema))
            : grammar.Text(grammar.Marker($"{HarmonyFormat.Channel}final{HarmonyFormat.Message}"), body);
        if (tools.Count == 0 || rules.Mode is NoneChatToolMode)
        {
            return grammar.Text(grammar.Grammar.Repeat(thought, 0), final);
        }

        var call = format.Calls(grammar, tools, parallel: false);
        return rules.Mode is RequiredChatToolMode
            ? grammar.Text(grammar.Grammar.Repeat(thought, 0), call)
            : grammar.Text(grammar.Grammar.Repeat(grammar.Choice([thought, preamble]), 0), grammar.Choice([final, call]));
    }
}
