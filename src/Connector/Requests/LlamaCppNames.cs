using System.Collections.Frozen;
using System.Collections.Immutable;
using Connector.Decoding.Engine;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>
/// The names that llama.cpp's server gives its request options, as entries of
/// <see cref="ChatOptions.AdditionalProperties"/>. Names of other programs are not ours to judge and stay unread.
/// </summary>
internal static class LlamaCppNames
{
    private delegate GenerationSettings Reader(GenerationSettings settings, PropertyValue value);

    private static readonly FrozenDictionary<string, Reader> s_readers = new Dictionary<string, Reader>(StringComparer.Ordinal)
    {
        ["temperature"] = (s, v) => s with { Temperature = v.Float() },
        ["top_k"] = (s, v) => s with { TopK = v.Int() },
        ["top_p"] = (s, v) => s with { TopP = v.Float() },
        ["min_p"] = (s, v) => s with { MinP = v.Float() },
        ["typical_p"] = (s, v) => s with { TypicalP = v.Float() },
        ["frequency_penalty"] = (s, v) => s with { FrequencyPenalty = v.Float() },
        ["presence_penalty"] = (s, v) => s with { PresencePenalty = v.Float() },
        ["repeat_penalty"] = (s, v) => s with { RepetitionPenalty = v.Float() },
        ["repeat_last_n"] = (s, v) => s with { RepetitionWindow = v.Int() },
        ["dry_multiplier"] = (s, v) => s with { DryMultiplier = v.Float() },
        ["dry_base"] = (s, v) => s with { DryBase = v.Float() },
        ["dry_allowed_length"] = (s, v) => s with { DryAllowedLength = v.Int() },
        ["logit_bias"] = (s, v) => s with { LogitBias = v.Biases().ToImmutableDictionary() },
        ["seed"] = (s, v) => s with { Seed = v.Whole() },
        ["n_predict"] = (s, v) => s with { MaxOutputTokens = Limit(v.Int()) },
        ["max_tokens"] = (s, v) => s with { MaxOutputTokens = v.Int() },
        ["stop"] = (s, v) => s with { StopSequences = v.Texts() },
        ["reasoning_budget"] = (s, v) => s with { ReasoningBudget = Limit(v.Int()) },
        ["grammar"] = (s, v) => s with { Grammar = v.Text() },
        ["chat_template_kwargs"] = (s, v) => s with { TemplateVariables = v.Members() },
        ["n"] = (s, v) => s with { Completions = v.Int() },
        ["context_shift"] = (s, v) => s with { Overflow = v.Flag() ? ContextOverflow.StreamingWindow : ContextOverflow.Error },
        ["cache_prompt"] = (s, v) => v.Flag() ? s : throw NotSupported("cache_prompt = false"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Options of llama.cpp that change the text and that this library does not have.</summary>
    private static readonly FrozenSet<string> s_unsupported = FrozenSet.Create(
        StringComparer.Ordinal,
        "adaptive_decay", "adaptive_target", "dry_penalty_last_n", "dry_sequence_breakers", "dynatemp_exponent", "dynatemp_range",
        "ignore_eos", "json_schema", "lora", "mirostat", "mirostat_eta", "mirostat_tau", "n_discard", "n_indent", "n_keep", "n_probs",
        "samplers", "t_max_predict_ms", "top_n_sigma", "xtc_probability", "xtc_threshold");

    /// <summary>The settings that the properties name.</summary>
    /// <exception cref="ArgumentException">A value has the wrong type.</exception>
    /// <exception cref="NotSupportedException">llama.cpp has the option and this library does not.</exception>
    public static GenerationSettings Read(AdditionalPropertiesDictionary? properties)
    {
        var settings = new GenerationSettings();
        foreach (var (name, value) in properties ?? [])
        {
            if (value is null)
            {
                continue;
            }

            if (s_unsupported.Contains(name))
            {
                throw NotSupported(name);
            }

            if (s_readers.TryGetValue(name, out var read))
            {
                settings = read(settings, new PropertyValue(name, value));
            }
        }

        return settings;
    }

    /// <summary>llama.cpp says −1 where it means that there is no limit.</summary>
    private static int Limit(int value) => value == -1 ? GenerationSettings.Unlimited : value;

    private static NotSupportedException NotSupported(string option) => new($"The additional property '{option}' is not supported.");
}
