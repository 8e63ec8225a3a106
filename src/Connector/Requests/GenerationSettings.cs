using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>
/// How an answer is generated, every part optional: what is null falls back to the next layer. The layers, first
/// wins: the settings that <see cref="ChatOptions.RawRepresentationFactory"/> returns, the properties of
/// <see cref="ChatOptions"/>, its <see cref="ChatOptions.AdditionalProperties"/> by their llama.cpp names,
/// <see cref="LocalChatClientOptions.Defaults"/>, <see cref="BuiltIn"/>. Immutable.
/// </summary>
public sealed record GenerationSettings
{
    /// <summary>
    /// The last layer, llama.cpp's own defaults: temperature 0.8, top-k 40, top-p 0.95, min-p 0.05; everything else
    /// off, a fresh seed for every answer, answers until the model ends them or the context is full.
    /// </summary>
    public static GenerationSettings BuiltIn { get; } = new() { Temperature = 0.8f, TopK = 40, TopP = 0.95f, MinP = 0.05f };

    /// <summary>As <see cref="MaxOutputTokens"/> or <see cref="ReasoningBudget"/>: no limit, even where a layer below has one.</summary>
    public const int Unlimited = int.MaxValue;

    /// <summary>Logits are divided by it; 0 is greedy. llama.cpp's <c>temperature</c>.</summary>
    public float? Temperature { get; init; }

    /// <summary>Only the k likeliest tokens stay; 0 turns it off. llama.cpp's <c>top_k</c>.</summary>
    public int? TopK { get; init; }

    /// <summary>Only the likeliest tokens that together reach this probability stay; 1 turns it off. llama.cpp's <c>top_p</c>.</summary>
    public float? TopP { get; init; }

    /// <summary>Only tokens at least this many times as likely as the likeliest stay; 0 turns it off. llama.cpp's <c>min_p</c>.</summary>
    public float? MinP { get; init; }

    /// <summary>Only tokens of typical surprise stay, up to this probability; 1 turns it off. llama.cpp's <c>typical_p</c>.</summary>
    public float? TypicalP { get; init; }

    /// <summary>Subtracted from a token's logit for each earlier occurrence in the answer (OpenAI's definition); 0 turns it off.</summary>
    public float? FrequencyPenalty { get; init; }

    /// <summary>Subtracted once from the logits of tokens that the answer holds (OpenAI's definition); 0 turns it off.</summary>
    public float? PresencePenalty { get; init; }

    /// <summary>Divides the logits of recent tokens; 1 turns it off. llama.cpp's <c>repeat_penalty</c>.</summary>
    public float? RepetitionPenalty { get; init; }

    /// <summary>How many recent tokens <see cref="RepetitionPenalty"/> looks at; default 64. llama.cpp's <c>repeat_last_n</c>.</summary>
    public int? RepetitionWindow { get; init; }

    /// <summary>The strength of the DRY penalty on lengthening a repetition; 0 turns it off. llama.cpp's <c>dry_multiplier</c>.</summary>
    public float? DryMultiplier { get; init; }

    /// <summary>The base of the DRY penalty; default 1.75. llama.cpp's <c>dry_base</c>.</summary>
    public float? DryBase { get; init; }

    /// <summary>Repetitions up to this many tokens cost nothing under DRY; default 2. llama.cpp's <c>dry_allowed_length</c>.</summary>
    public int? DryAllowedLength { get; init; }

    /// <summary>Added to single tokens' logits, by token id; negative infinity forbids a token. llama.cpp's <c>logit_bias</c>.</summary>
    public ImmutableDictionary<int, float>? LogitBias { get; init; }

    /// <summary>The key of the noise: equal prompt, settings and seed give equal text. Null or, as in llama.cpp, −1: a fresh one for every answer.</summary>
    public long? Seed { get; init; }

    /// <summary>The most tokens of an answer; then it ends with <see cref="ChatFinishReason.Length"/>. Null or <see cref="Unlimited"/>: until the context is full.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Texts that end the answer and are not part of it. A layer's list replaces those below it; empty turns them off.</summary>
    public IReadOnlyList<string>? StopSequences { get; init; }

    /// <summary>What happens when the context is full; default <see cref="ContextOverflow.Error"/>. llama.cpp's <c>context_shift</c> is <see cref="ContextOverflow.StreamingWindow"/>.</summary>
    public ContextOverflow? Overflow { get; init; }

    /// <summary>How many tokens per second the reader can use; while others wait, an answer far ahead of its reader gives way. Null: as fast as possible.</summary>
    public double? Pace { get; init; }

    /// <summary>
    /// How many answers to give, each with luck of its own, as the response's messages; they share the prompt's
    /// evaluation. Default 1. llama.cpp's <c>n</c>.
    /// </summary>
    public int? Completions { get; init; }

    /// <summary>
    /// The most tokens of thoughts, for models that show them: then they are ended by a closing sentence. Null: as the model likes, or
    /// as <see cref="ReasoningOptions.Effort"/> says to templates that know efforts; where the template knows none, low effort is 512
    /// tokens and medium 2,048. <see cref="Unlimited"/>: as the model likes, whatever the effort.
    /// </summary>
    public int? ReasoningBudget { get; init; }

    /// <summary>A grammar in llama.cpp's GBNF format that the whole answer must match and which is read as text, thoughts included; not beside tools or a response format. Null or empty: none. llama.cpp's <c>grammar</c>.</summary>
    public string? Grammar { get; init; }

    /// <summary>Further variables for the chat template, which win over the client's own. llama.cpp's <c>chat_template_kwargs</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? TemplateVariables { get; init; }

    /// <summary>These settings, with <paramref name="fallback"/>'s where they are null.</summary>
    public GenerationSettings Or(GenerationSettings fallback)
    {
        ArgumentNullException.ThrowIfNull(fallback);
        return new GenerationSettings
        {
            Temperature = Temperature ?? fallback.Temperature,
            TopK = TopK ?? fallback.TopK,
            TopP = TopP ?? fallback.TopP,
            MinP = MinP ?? fallback.MinP,
            TypicalP = TypicalP ?? fallback.TypicalP,
            FrequencyPenalty = FrequencyPenalty ?? fallback.FrequencyPenalty,
            PresencePenalty = PresencePenalty ?? fallback.PresencePenalty,
            RepetitionPenalty = RepetitionPenalty ?? fallback.RepetitionPenalty,
            RepetitionWindow = RepetitionWindow ?? fallback.RepetitionWindow,
            DryMultiplier = DryMultiplier ?? fallback.DryMultiplier,
            DryBase = DryBase ?? fallback.DryBase,
            DryAllowedLength = DryAllowedLength ?? fallback.DryAllowedLength,
            LogitBias = LogitBias ?? fallback.LogitBias,
            Seed = Seed ?? fallback.Seed,
            MaxOutputTokens = MaxOutputTokens ?? fallback.MaxOutputTokens,
            StopSequences = StopSequences ?? fallback.StopSequences,
            Overflow = Overflow ?? fallback.Overflow,
            Pace = Pace ?? fallback.Pace,
            Completions = Completions ?? fallback.Completions,
            ReasoningBudget = ReasoningBudget ?? fallback.ReasoningBudget,
            Grammar = Grammar ?? fallback.Grammar,
            TemplateVariables = TemplateVariables ?? fallback.TemplateVariables,
        };
    }

    /// <summary>What is wrong with the settings, a clause for each value out of range that names it; empty where nothing is.</summary>
    /// <param name="vocabularySize">Tokens of the model that they are for; default: any.</param>
    public IEnumerable<string> Faults(int vocabularySize = int.MaxValue)
    {
        foreach (var fault in ToSampling(freshSeed: 0).Faults(vocabularySize))
        {
            yield return fault;
        }

        (string Name, double? Value, bool Good, string Range)[] numbers =
        [
            (nameof(MaxOutputTokens), MaxOutputTokens, MaxOutputTokens is null or >= 1, "at least 1"),
            (nameof(Pace), Pace, Pace is null or (> 0 and < double.PositiveInfinity), "above 0"),
            (nameof(ReasoningBudget), ReasoningBudget, ReasoningBudget is null or >= 1, "at least 1"),
            (nameof(Completions), Completions, Completions is null or >= 1, "at least 1"),
            (nameof(Overflow), (double?)Overflow, Overflow is null || Enum.IsDefined(Overflow.Value), "one of its names"),
        ];
        foreach (var (name, value, good, range) in numbers)
        {
            if (!good)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{name} is {value} but must be {range}");
            }
        }

        if (StopSequences?.Any(string.IsNullOrEmpty) is true)
        {
            yield return $"{nameof(StopSequences)} holds an empty text";
        }
    }

    /// <summary>Throws everything that is wrong with the settings, in one message.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal static void ThrowIfFaulty(GenerationSettings settings, int vocabularySize)
    {
        var faults = string.Join("; ", settings.Faults(vocabularySize));
        if (faults.Length > 0)
        {
            throw new ArgumentException($"These settings are out of range: {faults}.", nameof(settings));
        }
    }

    /// <summary>The sampler's options. The seed is <see cref="Seed"/> or else <paramref name="freshSeed"/>.</summary>
    internal SamplingOptions ToSampling(ulong freshSeed)
    {
        var off = new SamplingOptions();
        return new SamplingOptions
        {
            Temperature = Temperature ?? off.Temperature,
            TopK = TopK ?? off.TopK,
            TopP = TopP ?? off.TopP,
            MinP = MinP ?? off.MinP,
            TypicalP = TypicalP ?? off.TypicalP,
            FrequencyPenalty = FrequencyPenalty ?? off.FrequencyPenalty,
            PresencePenalty = PresencePenalty ?? off.PresencePenalty,
            RepetitionPenalty = RepetitionPenalty ?? off.RepetitionPenalty,
            RepetitionWindow = RepetitionWindow ?? off.RepetitionWindow,
            DryMultiplier = DryMultiplier ?? off.DryMultiplier,
            DryBase = DryBase ?? off.DryBase,
            DryAllowedLength = DryAllowedLength ?? off.DryAllowedLength,
            LogitBias = LogitBias ?? off.LogitBias,
            Seed = Seed is { } seed && seed != -1 ? unchecked((ulong)seed) : freshSeed,
        };
    }
}
