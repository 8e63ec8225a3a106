using System.Numerics.Tensors;
using Connector.Decoding;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>A text's embedding.</summary>
/// <param name="Vector">Its vector, of length 1.</param>
/// <param name="TokenCount">The tokens it was computed from.</param>
public sealed record TextEmbedding(float[] Vector, int TokenCount);

/// <summary>
/// Turns texts into vectors with a model, many texts in one call. Not thread-safe. Keeps the model's weights alive until
/// it is disposed.
/// </summary>
public sealed unsafe class LlamaEmbedder : IDisposable
{
    private readonly ContextHandle _handle;
    private readonly LlamaTokenizer _tokenizer;
    private readonly AbortSignal _abort;
    private readonly NativeBatch _native;
    private readonly TokenBatch _batch;
    private readonly int _maxTexts;

    /// <summary>Makes an embedder.</summary>
    /// <param name="model">A model that embeds, such as a sentence transformer.</param>
    /// <param name="options">What it is for; null takes the defaults.</param>
    /// <exception cref="InvalidOperationException">The model was loaded without its weights.</exception>
    /// <exception cref="UnsupportedModelException">The model does not say how to make one vector of a text, and the options do not either; or it ranks.</exception>
    public LlamaEmbedder(LlamaModel model, LlamaEmbedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new LlamaEmbedderOptions();
        ContextCreation.RequireWeights(model);
        var pooling = options.Pooling ?? model.Metadata.Pooling;
        if (pooling is Pooling.None or Pooling.Rank)
        {
            throw new UnsupportedModelException(
                $"'{model.Name}' has the pooling '{pooling}', which gives no vector of a text; {nameof(LlamaEmbedderOptions)}.{nameof(options.Pooling)} can name another.");
        }

        MaxTextTokens = options.MaxTextTokens ?? model.TrainedContextLength;
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTextTokens, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxTextTokens, model.TrainedContextLength, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxTexts, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxTexts, (int)Llama.MaxParallelSequences(), nameof(options));
        ContextCreation.CheckRange(nameof(options.Threads), options.Threads ?? 1, 1, ContextCreation.MaxThreads);
        _maxTexts = options.MaxTexts;
        _handle = ContextCreation.CreateHandle(model, Parameters(options, pooling, BatchTokens(options, MaxTextTokens)));
        _tokenizer = model.Tokenizer;
        Dimensions = model.EmbeddingWidth;
        _abort = new AbortSignal(_handle);
        _batch = new TokenBatch((int)Llama.BatchCapacity(_handle));
        _native = new NativeBatch(_batch.Capacity);
    }

    /// <summary>Numbers in a vector.</summary>
    public int Dimensions { get; }

    /// <summary>The most tokens of one text.</summary>
    public int MaxTextTokens { get; }

    /// <summary>A text's tokens with the begin and end tokens that the model asks for; the text's own characters are never control tokens.</summary>
    public int[] Tokenize(string text) => _tokenizer.Tokenize(text, addSpecial: true, parseSpecial: false);

    /// <summary>Embeds texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="truncate">Whether a text of more than <see cref="MaxTextTokens"/> tokens is cut to its first ones (its end token kept) instead of refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>One embedding a text, in the same order.</returns>
    /// <exception cref="ArgumentException">A text has too many tokens.</exception>
    /// <exception cref="ModelEvaluationException">The model failed.</exception>
    public IReadOnlyList<TextEmbedding> Embed(IReadOnlyList<string> texts, bool truncate = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        var tokens = texts.Select((text, index) => Cut(Tokenize(text), index, truncate)).ToArray();
        var embeddings = new TextEmbedding[tokens.Length];
        for (var start = 0; start < tokens.Length;)
        {
            start += EmbedSome(tokens, start, embeddings, cancellationToken);
        }

        return embeddings;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handle.Dispose();
        _abort.Dispose();
    }

    // libllama plans its buffers for texts of equal length and ends the process where the batch is no multiple of their number.
    private static int BatchTokens(LlamaEmbedderOptions options, int maxTextTokens) =>
        (Math.Max(options.MaxBatchTokens, maxTextTokens) + options.MaxTexts - 1) / options.MaxTexts * options.MaxTexts;

    private static LlamaContextParams Parameters(LlamaEmbedderOptions options, Pooling pooling, int batchTokens)
    {
        var parameters = Llama.DefaultContextParams();
        parameters.Capacity = (uint)batchTokens;
        parameters.BatchCapacity = (uint)batchTokens;
        // A text that attends in both directions cannot be computed in parts.
        parameters.ComputeBatchCapacity = (uint)batchTokens;
        parameters.MaxSequences = (uint)options.MaxTexts;
        parameters.Threads = parameters.BatchThreads = options.Threads ?? ProcessorCores.Count;
        parameters.Pooling = (int)pooling;
        parameters.Embeddings = true;
        parameters.UnifiedMemory = true;
        parameters.NoPerformanceCounters = true;
        return parameters;
    }

    private int[] Cut(int[] tokens, int index, bool truncate)
    {
        if (tokens.Length <= MaxTextTokens)
        {
            return tokens.Length > 0 ? tokens : throw new ArgumentException($"Text {index} has no tokens, so the model has nothing to embed.", nameof(index));
        }

        return truncate
            ? [.. tokens.AsSpan(0, MaxTextTokens - 1), tokens[^1]]
            : throw new ArgumentException($"Text {index} has {tokens.Length} tokens; the model takes {MaxTextTokens}.", nameof(index));
    }

    // As many texts from start on as one call of the model takes; returns how many.
    private int EmbedSome(int[][] tokens, int start, TextEmbedding[] embeddings, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _batch.Clear();
        var count = 0;
        while (count < _maxTexts && start + count < tokens.Length && _batch.Count + tokens[start + count].Length <= _batch.Capacity)
        {
            var text = tokens[start + count];
            for (var position = 0; position < text.Length; position++)
            {
                _batch.Add(text[position], position, count, wantsLogits: true);
            }

            count++;
        }

        Evaluate(cancellationToken);
        for (var i = 0; i < count; i++)
        {
            embeddings[start + i] = new TextEmbedding(Vector(i), tokens[start + i].Length);
        }

        return count;
    }

    private void Evaluate(CancellationToken cancellationToken)
    {
        if (Llama.GetMemory(_handle) is not 0 and var memory)
        {
            Llama.ClearMemory(memory, data: false);
        }

        NativeLog.ClearError();
        _abort.Token = cancellationToken;
        var status = _native.Decode(_handle, _batch);
        _abort.Token = CancellationToken.None;
        if (status != DecodeStatus.Success)
        {
            throw DecodeStatus.Error(status, _batch, _batch.Capacity, cancellationToken);
        }
    }

    private float[] Vector(int sequence)
    {
        var native = Llama.GetSequenceEmbedding(_handle, sequence);
        if (native == null)
        {
            throw new ModelEvaluationException("The model made no embedding of a text.");
        }

        var vector = new ReadOnlySpan<float>(native, Dimensions).ToArray();
        var length = TensorPrimitives.Norm<float>(vector);
        if (length > 0)
        {
            TensorPrimitives.Divide(vector, length, vector);
        }

        return vector;
    }
}
