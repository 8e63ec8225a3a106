using System.Collections.Immutable;

namespace Connector.Decoding.Sampling;

/// <summary>
/// How a token is chosen from logits. Applied in this order: bias → penalties → constraint mask → temperature →
/// top-k → top-p → min-p → typical-p → keyed Gumbel argmax. The defaults sample from the model's own distribution.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Greedy decoding: temperature 0 and nothing else.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Logits are divided by it. Default 1; 0 is greedy: the token of the largest logit, whatever the seed.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Only the k likeliest tokens stay. Default 0: off.</summary>
    public int TopK { get; init; }

    /// <summary>Only the likeliest tokens that together reach this probability stay (nucleus sampling, Holtzman et al. 2020). Default 1: off.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Only tokens at least this many times as likely as the likeliest stay (Nguyen et al. 2024). Default 0: off.</summary>
    public float MinP { get; init; }

    /// <summary>Only the tokens whose surprise is nearest the entropy stay, up to this probability (Meister et al. 2023). Default 1: off.</summary>
    public float TypicalP { get; init; } = 1;

    /// <summary>Subtracted from a token's logit once per earlier occurrence in the answer (OpenAI's definition). Default 0: off.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Subtracted once from the logit of every token that the answer holds (OpenAI's definition). Default 0: off.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens in the window (CTRL, Keskar et al. 2019). Default 1: off.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>How many of the last tokens, prompt included, <see cref="RepetitionPenalty"/> looks at. Default 64.</summary>
    public int RepetitionWindow { get; init; } = 64;

    /// <summary>DRY's strength: the penalty of a token that would lengthen a repetition. Default 0: off.</summary>
    public float DryMultiplier { get; init; }

    /// <summary>DRY's base: the penalty is multiplier · base^(length − allowed length). Default 1.75.</summary>
    public float DryBase { get; init; } = 1.75f;

    /// <summary>Repetitions up to this many tokens cost nothing under DRY. Default 2.</summary>
    public int DryAllowedLength { get; init; } = 2;

    /// <summary>Added to single tokens' logits; negative infinity forbids a token. Default: none.</summary>
    public ImmutableDictionary<int, float> LogitBias { get; init; } = ImmutableDictionary<int, float>.Empty;

    /// <summary>
    /// The key of the noise: the token at a position is a function of the model, the prompt, these options and this
    /// seed, never of batching or drafts. Default 0; who wants a fresh answer each time draws one.
    /// </summary>
    public ulong Seed { get; init; }
}
