using Connector.Templates.Jinja;
using Microsoft.Extensions.AI;

namespace Connector.Templates;

/// <summary>The names and values by which templates are told how much to think. Each family has its own.</summary>
internal static class ReasoningVariables
{
    public static IEnumerable<KeyValuePair<string, JinjaValue>> For(ReasoningEffort effort, string template)
    {
        var on = effort != ReasoningEffort.None;
        yield return new("enable_thinking", JinjaBoolean.Of(on));
        yield return new("thinking", JinjaBoolean.Of(on));
        if (Mentions(template, "reasoning_effort"))
        {
            yield return new("reasoning_effort", JinjaString.Template(Level(effort, template)));
        }

        if (on && Mentions(template, "thinking_effort"))
        {
            yield return new("thinking_effort", JinjaString.Template(Level(effort, template)));
        }

        if (Mentions(template, "thinking_mode"))
        {
            yield return new("thinking_mode", JinjaString.Template(on ? "enabled" : "disabled"));
        }

        if (!on && Mentions(template, "thinking_budget"))
        {
            yield return new("thinking_budget", new JinjaInteger(0));
        }
    }

    /// <summary>The first of the words for an effort that the template itself knows, else the usual one.</summary>
    private static string Level(ReasoningEffort effort, string template)
    {
        string[] words = effort switch
        {
            ReasoningEffort.None => ["no_think", "none", "minimal", "low"],
            ReasoningEffort.Low => ["low"],
            ReasoningEffort.Medium => ["medium", "high"],
            ReasoningEffort.High => ["high"],
            _ => ["max", "xhigh", "high"],
        };
        return words.FirstOrDefault(w => Mentions(template, $"'{w}'") || Mentions(template, $"\"{w}\""))
            ?? (effort == ReasoningEffort.Medium ? "medium" : words[^1]);
    }

    private static bool Mentions(string template, string word) => template.Contains(word, StringComparison.Ordinal);
}
