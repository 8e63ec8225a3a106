using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Connector.Reasoning;

/// <summary>What stands before and after a model's thoughts.</summary>
/// <param name="Open">Before.</param>
/// <param name="Close">After.</param>
internal sealed partial record ReasoningTags(string Open, string Close)
{
    private static readonly ImmutableArray<ReasoningTags> s_known =
    [
        new("<think>", "</think>"),
        new("[THINK]", "[/THINK]"),
        new("<|START_THINKING|>", "<|END_THINKING|>"),
        new("<|channel>thought\n", "<channel|>"),
        new("<|inner_prefix|>", "<|inner_suffix|>"),
    ];

    /// <summary>The tags that a template's text, or what it renders, shows; null where it shows none.</summary>
    public static ReasoningTags? Detect(string template, string rendered)
    {
        bool Has(string text) => template.Contains(text, StringComparison.Ordinal) || rendered.Contains(text, StringComparison.Ordinal);
        foreach (var tags in s_known)
        {
            if (Has(tags.Close) && (Has(tags.Open) || Has(tags.Open.TrimEnd())))
            {
                return tags;
            }
        }

        // Families that name the pair differently: <seed:think>, <mm:think>, <thought>, <reasoning>, …
        var pair = ClosingTag().Matches(template).Concat(ClosingTag().Matches(rendered))
            .Select(m => m.Groups["name"].Value)
            .FirstOrDefault(name => Has($"<{name}>"));
        return pair is null ? null : new ReasoningTags($"<{pair}>", $"</{pair}>");
    }

    [GeneratedRegex(@"</(?<name>[\w:]*(think|thought|reasoning)[\w:]*)>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ClosingTag();
}
