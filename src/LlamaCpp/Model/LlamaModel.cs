using System.Collections.Concurrent;
using Connector.Decoding;
using Connector.LlamaCpp.Interop;
using Microsoft.Extensions.Logging;

namespace Connector.LlamaCpp;

/// <summary>
/// A GGUF model loaded by llama.cpp. Immutable and thread-safe. Disposing it while contexts live is safe: the weights
/// are released with the last of them.
/// </summary>
public sealed class LlamaModel : ILanguageModel
{
    private readonly ILogger _logger;
    private bool _disposed;

    internal LlamaModel(ModelHandle handle, GgufFile file, LlamaModelOptions options, ILogger logger)
    {
        Handle = handle;
        Path = file.Paths[0];
        Name = System.IO.Path.GetFileNameWithoutExtension(Path);
        Metadata = new ModelMetadata(file);
        Fingerprint = options.VocabularyOnly ? "" : ModelFingerprint.Compute(file);
        IsVocabularyOnly = options.VocabularyOnly;
        RepacksWeights = options.RepackWeights;
        IsOnGpu = options.GpuLayers != 0 && Llama.SupportsGpuOffload();
        _logger = logger;
        var vocabulary = Llama.GetVocabulary(handle);
        Tokenizer = new LlamaTokenizer(handle, vocabulary);
        Vocabulary = VocabularyReader.Read(handle, vocabulary, Tokenizer);
        TrainedContextLength = Llama.TrainedContextLength(handle);
        Description = Describe(handle);
        BeginOfSequenceText = Written(Llama.BeginOfSequence(vocabulary));
        EndOfSequenceText = Written(Llama.EndOfSequence(vocabulary));
        EmbeddingWidth = options.VocabularyOnly ? 0 : Llama.EmbeddingWidth(handle);
    }

    /// <summary>Whether weights were laid out anew for this processor's fastest kernels.</summary>
    internal bool RepacksWeights { get; }

    /// <summary>Conditions of contexts (<see cref="IModelContext.Conditions"/>) whose logits were found not to depend on the size of a call.</summary>
    internal ConcurrentDictionary<string, bool> ExactConditions { get; } = new(StringComparer.Ordinal);

    /// <summary>The file it was loaded from; the first one of a model in several files.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public int TrainedContextLength { get; }

    /// <summary>What the file says about the model: chat template, architecture, pooling.</summary>
    public ModelMetadata Metadata { get; }

    /// <summary>Architecture, size and format in llama.cpp's words, such as <c>llama 8B Q4_K - Medium</c>.</summary>
    public string Description { get; }

    /// <summary>The written form of the token that begins a sequence, which templates call <c>bos_token</c>; empty where there is none.</summary>
    public string BeginOfSequenceText { get; }

    /// <summary>The written form of the token that ends a sequence, which templates call <c>eos_token</c>; empty where there is none.</summary>
    public string EndOfSequenceText { get; }

    /// <summary>Numbers in a hidden state or embedding.</summary>
    public int EmbeddingWidth { get; }

    /// <summary>Equal for models whose caches are interchangeable.</summary>
    internal string Fingerprint { get; }

    /// <summary>Whether layers may have gone to a GPU.</summary>
    internal bool IsOnGpu { get; }

    /// <summary>Whether it was loaded without weights.</summary>
    public bool IsVocabularyOnly { get; }

    internal ModelHandle Handle { get; }

    internal LlamaTokenizer Tokenizer { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="path">A GGUF file; of a model in several files, the first.</param>
    /// <param name="options">How to load it; null takes the defaults.</param>
    /// <param name="progress">Told how much is loaded, from 0 to 1.</param>
    /// <param name="loggerFactory">Gets llama.cpp's log, which is one per process; the factory given last wins.</param>
    /// <param name="cancellationToken">Gives up loading.</param>
    /// <exception cref="ArgumentException">The options name a device that is not there, or contradict themselves.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidGgufException">The file is damaged, ends too early, or is no GGUF file.</exception>
    /// <exception cref="UnsupportedModelException">llama.cpp cannot run this kind of model.</exception>
    /// <exception cref="ModelMemoryException">The weights do not fit into memory.</exception>
    /// <exception cref="NativeLibraryException">llama.cpp's libraries cannot be used.</exception>
    public static Task<LlamaModel> LoadAsync(
        string path,
        LlamaModelOptions? options = null,
        IProgress<float>? progress = null,
        ILoggerFactory? loggerFactory = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(() => ModelLoading.Load(path, options ?? new LlamaModelOptions(), progress, loggerFactory, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    IModelContext ILanguageModel.CreateContext(ContextOptions options) => CreateContext(options);

    /// <summary>Allocates a context.</summary>
    /// <param name="options">What it is for; <see cref="LlamaContextOptions"/> has more to say.</param>
    /// <exception cref="ArgumentException"><paramref name="options"/> asks for more than the model can do.</exception>
    /// <exception cref="ModelMemoryException">The context does not fit into memory.</exception>
    public LlamaContext CreateContext(ContextOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return ContextCreation.Create(this, options as LlamaContextOptions ?? new LlamaContextOptions(options), _logger);
    }

    private static unsafe string Describe(ModelHandle handle)
    {
        Span<byte> text = stackalloc byte[128];
        fixed (byte* buffer = text)
        {
            return System.Text.Encoding.UTF8.GetString(text[..Math.Clamp(Llama.Describe(handle, buffer, (nuint)text.Length), 0, text.Length - 1)]);
        }
    }

    private string Written(int token) => token < 0 ? "" : Vocabulary.Written(token);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        Handle.Dispose();
    }
}
