namespace Connector.Decoding;

/// <summary>
/// Loaded weights that turn tokens into logits. Immutable and thread-safe; everything that changes while decoding
/// lives in an <see cref="IModelContext"/>. Disposing a model that still has contexts is safe: the weights are
/// released with the last of them.
/// </summary>
public interface ILanguageModel : IDisposable
{
    /// <summary>The name requests select this model by, such as the file's name without extension.</summary>
    string Name { get; }

    /// <summary>The tokens this model reads and writes.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>The longest sequence the model was trained for, in tokens.</summary>
    int TrainedContextLength { get; }

    /// <summary>Allocates a context: the KV cache and the compute buffers of one decoding thread.</summary>
    /// <exception cref="ArgumentException"><paramref name="options"/> asks for more than the model can do.</exception>
    IModelContext CreateContext(ContextOptions options);
}
