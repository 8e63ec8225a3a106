using System.Collections.Immutable;
using System.Globalization;

namespace Connector.Decoding.Sampling;

/// <summary>
/// How a token is chosen from logits. Applied in this order: bias → penalties → constraint mask → temperature →
/// top-k → top-p → min-p → typical-p → keyed Gumbel argmax. The defaults sample from the model's own distribution.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Greedy decoding: temperature 0 and nothing else.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Logits are divided by it. Default 1; 0, or less than 0.00001, is greedy: the token of the largest logit, whatever the seed.</summary>
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

    /// <summary>How many of the last tokens, prompt included, <see cref="RepetitionPenalty"/> looks at. Default 64; 0 turns it off.</summary>
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

    /// <summary>What is out of range, each as "name is value but must be …"; empty where all is well.</summary>
    /// <param name="vocabularySize">Tokens of the model, which <see cref="LogitBias"/> must name.</param>
    public IEnumerable<string> Faults(int vocabularySize)
    {
        // Written as "not in range", so that NaN is a fault too.
        (string Name, double Value, bool Good, string Range)[] numbers =
        [
            (nameof(Temperature), Temperature, Temperature is >= 0 and < float.PositiveInfinity, "at least 0"),
            (nameof(TopK), TopK, TopK >= 0, "at least 0"),
            (nameof(TopP), TopP, TopP is > 0 and <= 1, "above 0 and at most 1"),
            (nameof(MinP), MinP, MinP is >= 0 and <= 1, "between 0 and 1"),
            (nameof(TypicalP), TypicalP, TypicalP is > 0 and <= 1, "above 0 and at most 1"),
            (nameof(FrequencyPenalty), FrequencyPenalty, float.IsFinite(FrequencyPenalty), "finite"),
            (nameof(PresencePenalty), PresencePenalty, float.IsFinite(PresencePenalty), "finite"),
            (nameof(RepetitionPenalty), RepetitionPenalty, RepetitionPenalty is > 0 and < float.PositiveInfinity, "above 0"),
            (nameof(RepetitionWindow), RepetitionWindow, RepetitionWindow >= 0, "at least 0"),
            (nameof(DryMultiplier), DryMultiplier, DryMultiplier is >= 0 and < float.PositiveInfinity, "at least 0"),
            (nameof(DryBase), DryBase, DryBase is >= 1 and < float.PositiveInfinity, "at least 1"),
            (nameof(DryAllowedLength), DryAllowedLength, DryAllowedLength >= 0, "at least 0"),
        ];
        foreach (var (name, value, good, range) in numbers)
        {
            if (!good)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{name} is {value} but must be {range}");
            }
        }

        foreach (var (token, bias) in LogitBias)
        {
            if ((uint)token >= (uint)vocabularySize)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(LogitBias)} names token {token}, but the vocabulary has {vocabularySize}");
            }
            else if (float.IsNaN(bias) || float.IsPositiveInfinity(bias))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(LogitBias)} of token {token} is {bias} but must be finite or negative infinity");
            }
        }
    }
}
