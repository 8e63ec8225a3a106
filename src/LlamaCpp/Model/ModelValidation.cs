using System.Globalization;

namespace Connector.LlamaCpp;

/// <summary>
/// Refuses files whose metadata contradicts itself. libllama asserts some of this, and a failed assertion ends the
/// process, so nothing that it asserts may reach it unchecked.
/// </summary>
internal static class ModelValidation
{
    private const int MaxLayers = 512;
    private const int MaxExperts = 1024;
    private const long MaxWidth = 1 << 24;

    /// <exception cref="InvalidGgufException">The metadata contradicts itself.</exception>
    /// <exception cref="UnsupportedModelException">The file holds no model that reads and writes tokens.</exception>
    public static void Check(GgufFile file, bool vocabularyOnly)
    {
        if (file.Architecture.Length == 0)
        {
            throw Invalid(file, "general.architecture is missing");
        }

        CheckVocabulary(file);
        if (!vocabularyOnly)
        {
            CheckShape(file);
        }
    }

    private static void CheckVocabulary(GgufFile file)
    {
        if (file.Metadata.GetString("tokenizer.ggml.model") is null or "none" or "no_vocab")
        {
            throw new UnsupportedModelException($"'{file.Paths[0]}' ({file.Architecture}) has no vocabulary, so it neither reads nor writes text.");
        }

        var tokens = file.Metadata.GetArray<string>("tokenizer.ggml.tokens") ?? throw Invalid(file, "tokenizer.ggml.tokens is missing or no array of texts");
        CheckLength<int>(file, "tokenizer.ggml.token_type", tokens.Count);
        CheckLength<float>(file, "tokenizer.ggml.scores", tokens.Count);
        if (file.Metadata["tokenizer.ggml.merges"] is not (null or string[]))
        {
            throw Invalid(file, "tokenizer.ggml.merges is no array of texts");
        }

        var seen = new HashSet<string>(tokens.Count, StringComparer.Ordinal);
        for (var i = 0; i < tokens.Count; i++)
        {
            // libllama reads texts up to their first zero, and gives those without any a name of their own.
            var text = tokens[i].Split('\0')[0];
            if (text.Length > 0 && !seen.Add(text))
            {
                throw Invalid(file, $"token {i} '{tokens[i]}' occurs twice in the vocabulary");
            }
        }

        if (tokens.Count == 0)
        {
            throw Invalid(file, "the vocabulary is empty");
        }
    }

    private static void CheckLength<T>(GgufFile file, string key, int count)
    {
        if (file.Metadata[key] is { } value && (value is not T[] array || array.Length < count))
        {
            throw Invalid(file, $"{key} does not fit the vocabulary of {count} tokens");
        }
    }

    private static void CheckShape(GgufFile file)
    {
        Limit(file, "block_count", 1, MaxLayers);
        Limit(file, "context_length", 1, int.MaxValue);
        Limit(file, "embedding_length", 1, MaxWidth);
        var layers = file.GetArchitectureInteger("block_count") ?? 1;
        Limit(file, "nextn_predict_layers", 0, layers);
        Limit(file, "vocab_size", 0, int.MaxValue);
        Limit(file, "attention.key_length", 0, MaxWidth);
        Limit(file, "attention.value_length", 0, MaxWidth);
        Limit(file, "rope.dimension_count", 0, MaxWidth);
        CheckPerLayer(file, "attention.head_count", layers, MaxWidth);
        CheckPerLayer(file, "attention.head_count_kv", layers, MaxWidth);
        CheckPerLayer(file, "feed_forward_length", layers, MaxWidth);
        CheckExperts(file);
        CheckHeads(file);
    }

    private static void CheckHeads(GgufFile file)
    {
        if (file.GetArchitectureInteger("attention.head_count") is { } heads and > 0
            && file.GetArchitectureInteger("attention.head_count_kv") is { } shared and > 0
            && heads % shared != 0)
        {
            throw Invalid(file, $"{heads} heads cannot share {shared} keys");
        }
    }

    private static void CheckExperts(GgufFile file)
    {
        var experts = file.GetArchitectureInteger("expert_count") ?? 0;
        var used = file.GetArchitectureInteger("expert_used_count");
        if (experts is < 0 or > MaxExperts || used > experts || (experts > 0 && used == 0))
        {
            throw Invalid(file, $"{used} of {experts} experts cannot be used");
        }

        var groups = file.GetArchitectureInteger("expert_group_count") ?? 0;
        var usedGroups = file.GetArchitectureInteger("expert_group_used_count") ?? 0;
        if (groups < 0 || (groups > 0 && groups >= Math.Max(experts, 1)) || (groups > 1 && (experts % groups != 0 || usedGroups <= 0 || usedGroups >= groups)))
        {
            throw Invalid(file, $"{usedGroups} of {groups} groups of {experts} experts cannot be used");
        }
    }

    // libllama itself misses a number that it needs, or finds it of another kind, without harm.
    private static void Limit(GgufFile file, string name, long least, long most)
    {
        if (file.GetArchitectureInteger(name) is { } value && (value < least || value > most))
        {
            throw Invalid(file, $"{file.Architecture}.{name} is {value}");
        }
    }

    private static void CheckPerLayer(GgufFile file, string name, long layers, long most)
    {
        var key = $"{file.Architecture}.{name}";
        if (file.Metadata[key] is not Array array)
        {
            Limit(file, name, 0, most);
        }
        else if (array.Length < layers || array is not (int[] or uint[]) || !array.Cast<object>().All(IsPossible))
        {
            throw Invalid(file, $"{key} does not fit {layers} layers");
        }

        bool IsPossible(object value) => Convert.ToInt64(value, CultureInfo.InvariantCulture) is var number && number >= 0 && number <= most;
    }

    private static InvalidGgufException Invalid(GgufFile file, string what) => new($"'{file.Paths[0]}' is damaged: {what}.");
}
