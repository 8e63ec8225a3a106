using System.Collections.Frozen;

namespace Connector.LlamaCpp;

/// <summary>What a model's file says about it, beyond its tokens. Immutable.</summary>
public sealed class ModelMetadata
{
    private const string TemplateKey = "tokenizer.chat_template";

    internal ModelMetadata(GgufFile file)
    {
        Gguf = file.Metadata;
        Architecture = file.Architecture;
        Title = file.Metadata.GetString("general.name");
        ChatTemplate = file.Metadata.GetString(TemplateKey);
        ChatTemplates = file.Metadata.Keys
            .Where(key => key.StartsWith(TemplateKey + ".", StringComparison.Ordinal) && file.Metadata.GetString(key) is not null)
            .ToFrozenDictionary(key => key[(TemplateKey.Length + 1)..], key => file.Metadata.GetString(key)!, StringComparer.Ordinal);
        LayerCount = (int)Math.Clamp(file.GetArchitectureInteger("block_count") ?? 0, 0, int.MaxValue);
        Pooling = file.GetArchitectureInteger("pooling_type") is { } type and >= 0 and <= (long)Pooling.Rank ? (Pooling)type : Pooling.None;
        IsCausal = file.Metadata.GetBoolean($"{Architecture}.attention.causal") ?? true;
        TensorBytes = file.TensorBytes;
        ParameterCount = file.Tensors.Sum(tensor => tensor.Shape.Aggregate(1L, (product, length) => product * length));
    }

    /// <summary>Everything in the file's header.</summary>
    public GgufMetadata Gguf { get; }

    /// <summary>What the model is built like, such as <c>llama</c>.</summary>
    public string Architecture { get; }

    /// <summary>The name its makers gave it, or null.</summary>
    public string? Title { get; }

    /// <summary>The Jinja template that makes a prompt of a conversation, or null where the file has none.</summary>
    public string? ChatTemplate { get; }

    /// <summary>Further templates by name, such as <c>tool_use</c>; often empty.</summary>
    public IReadOnlyDictionary<string, string> ChatTemplates { get; }

    /// <summary>Layers of the network.</summary>
    public int LayerCount { get; }

    /// <summary>How it makes one vector of a text; <see cref="Pooling.None"/> for a model that generates.</summary>
    public Pooling Pooling { get; }

    /// <summary>Whether tokens attend to earlier ones only, as they must for text to be generated. False for sentence encoders.</summary>
    public bool IsCausal { get; }

    /// <summary>Weights in the network.</summary>
    public long ParameterCount { get; }

    /// <summary>The size of the weights in bytes.</summary>
    public long TensorBytes { get; }
}
