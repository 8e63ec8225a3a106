using Connector.Decoding.Engine;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>
/// The names under which <see cref="UsageDetails.AdditionalCounts"/> tells how an answer's tokens came about. Counts of
/// several answers add up.
/// </summary>
public static class GenerationCounts
{
    /// <summary>Draft tokens that were evaluated, whether they were then accepted, forced or rejected.</summary>
    public const string Drafted = "drafted_tokens";

    /// <summary>Draft tokens that the deciding model confirmed where it had a choice; drafts that the constraint forced are <see cref="Forced"/>.</summary>
    public const string Accepted = "accepted_tokens";

    /// <summary>Tokens that the constraint left no choice about, drafted or not.</summary>
    public const string Forced = "forced_tokens";

    /// <summary>Tokens that the large model decided itself, after what it accepted, where it had a choice.</summary>
    public const string LargeModel = "large_model_tokens";

    /// <summary>Calls of the deciding model while generating.</summary>
    public const string Steps = "steps";

    /// <summary>What an answer cost.</summary>
    /// <param name="usage">The engine's counts.</param>
    /// <param name="reasoningTokens">Tokens of the answer that were reasoning.</param>
    /// <param name="countsPrompt">Whether the prompt counts: not for further answers to the same one.</param>
    internal static UsageDetails ToDetails(this GenerationUsage usage, int reasoningTokens, bool countsPrompt) => new()
    {
        InputTokenCount = countsPrompt ? usage.Prompt : 0,
        OutputTokenCount = usage.Generated,
        TotalTokenCount = (countsPrompt ? (long)usage.Prompt : 0) + usage.Generated,
        CachedInputTokenCount = countsPrompt ? usage.Cached : 0,
        ReasoningTokenCount = reasoningTokens,
        AdditionalCounts = new()
        {
            [Drafted] = usage.Drafted,
            [Accepted] = usage.Accepted,
            [Forced] = usage.Forced,
            [LargeModel] = usage.Bonus,
            [Steps] = usage.Steps,
        },
    };
}
