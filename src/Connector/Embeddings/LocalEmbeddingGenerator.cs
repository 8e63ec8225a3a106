using Connector.LlamaCpp;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>
/// Embeds texts with a GGUF model on this machine: vectors of length 1, pooled as the model says. Thread-safe; calls
/// take turns.
/// </summary>
public sealed class LocalEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly LlamaModel _model;
    private readonly LlamaEmbedder _embedder;
    private readonly LocalEmbeddingOptions _options;
    private readonly bool _ownsModel;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private int _isDisposed;

    /// <summary>Embeds with a loaded model, which stays the caller's to dispose.</summary>
    /// <param name="model">A model that embeds, such as a sentence transformer.</param>
    /// <param name="options">How to embed. Null: the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model cannot make one vector of a text.</exception>
    public LocalEmbeddingGenerator(LlamaModel model, LocalEmbeddingOptions? options = null)
        : this(model, options ?? new LocalEmbeddingOptions(), ownsModel: false)
    {
    }

    private LocalEmbeddingGenerator(LlamaModel model, LocalEmbeddingOptions options, bool ownsModel)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _options = options;
        _ownsModel = ownsModel;
        _embedder = new LlamaEmbedder(model, options.Embedder);
        _metadata = new EmbeddingGeneratorMetadata(LocalChatClient.ProviderName, defaultModelId: model.Name, defaultModelDimensions: _embedder.Dimensions);
    }

    /// <summary>Loads a model to embed with; it is disposed with the generator.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <param name="options">How to load and embed. Null: the defaults.</param>
    /// <param name="progress">Told how much is loaded, from 0 to 1.</param>
    /// <param name="cancellationToken">Gives up loading.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static async Task<LocalEmbeddingGenerator> LoadAsync(
        string path, LocalEmbeddingOptions? options = null, IProgress<float>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new LocalEmbeddingOptions();
        var model = await LlamaModel.LoadAsync(path, options.Model, progress, options.LoggerFactory, cancellationToken).ConfigureAwait(false);
        try
        {
            return new LocalEmbeddingGenerator(model, options, ownsModel: true);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Embeds texts, as many in one call of the model as it takes.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">Only the model's own dimensions and name are possible. Null: those.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>One embedding for each text, in order, and the tokens they took together.</returns>
    /// <exception cref="ArgumentException">A text is too long for the model.</exception>
    /// <exception cref="InvalidOperationException">The options name another model.</exception>
    /// <exception cref="NotSupportedException">The options ask for other dimensions than the model has.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        Check(options);
        string[] texts = [.. values];
        if (Array.IndexOf(texts, null) is >= 0 and var missing)
        {
            throw new ArgumentException($"Text {missing} is null.", nameof(values));
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var embeddings = await Task.Run(() => _embedder.Embed(texts, _options.TruncatesLongTexts, cancellationToken), cancellationToken).ConfigureAwait(false);
            var tokens = embeddings.Sum(e => (long)e.TokenCount);
            return new(embeddings.Select(e => new Embedding<float>(e.Vector) { ModelId = _model.Name }))
            {
                Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens },
            };
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The generator itself, its metadata, or the model.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_model) ? _model
            : null;
    }

    /// <summary>Waits for the call in progress, then lets go of the model.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _turn.Wait();
        _embedder.Dispose();
        if (_ownsModel)
        {
            _model.Dispose();
        }

        // Calls that still wait for their turn find the embedder disposed.
        _turn.Release();
    }

    private void Check(EmbeddingGenerationOptions? options)
    {
        if (options?.ModelId is { } name && name != _model.Name)
        {
            throw new InvalidOperationException($"The model '{name}' is not loaded; '{_model.Name}' is.");
        }

        if (options?.Dimensions is { } dimensions && dimensions != _embedder.Dimensions)
        {
            throw new NotSupportedException($"Dimensions: '{_model.Name}' makes vectors of {_embedder.Dimensions} numbers, not {dimensions}.");
        }
    }
}
