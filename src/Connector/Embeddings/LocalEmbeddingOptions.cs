using Connector.LlamaCpp;
using Microsoft.Extensions.Logging;

namespace Connector;

/// <summary>How a <see cref="LocalEmbeddingGenerator"/> works. Immutable.</summary>
public sealed record LocalEmbeddingOptions
{
    /// <summary>
    /// Whether a text of more tokens than the model takes is cut to its first ones, its end token kept. Default false:
    /// such a text is an error that names it.
    /// </summary>
    public bool TruncatesLongTexts { get; init; }

    /// <summary>How the model is loaded by <see cref="LocalEmbeddingGenerator.LoadAsync"/>. Default: on a GPU where there is one.</summary>
    public LlamaModelOptions Model { get; init; } = new();

    /// <summary>Texts per call of the model, pooling, threads. Default: the model's own pooling, 32 texts.</summary>
    public LlamaEmbedderOptions Embedder { get; init; } = new();

    /// <summary>Where the native library's messages go while loading. Null (default): nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
