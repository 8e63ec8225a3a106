using System.Runtime.CompilerServices;
using Connector.Decoding;
using Connector.LlamaCpp;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connector;

/// <summary>
/// Chats with a model on this machine. Thread-safe: any number of requests may run at once and share each step of the
/// model. It never invokes tools itself; <see cref="ToolInvocationExtensions.WithToolInvocation"/> and the builders of
/// other packages do. It keeps no history: every request brings the whole conversation, and what an earlier one had in
/// common with it is found in the KV cache.
/// </summary>
/// <remarks>
/// Cancelling a request throws <see cref="OperationCanceledException"/> and frees its slot within a step. Other errors:
/// <see cref="ArgumentException"/> for values out of range and prompts that the model cannot read,
/// <see cref="NotSupportedException"/> for options that it does not have, each naming the option,
/// <see cref="Decoding.Engine.PromptTooLongException"/>, and <see cref="Decoding.Engine.EngineBusyException"/>.
/// </remarks>
public sealed partial class LocalChatClient : IChatClient, IAsyncDisposable
{
    internal const string ProviderName = "connector";

    private readonly ChatModel[] _models;
    private readonly LocalChatClientOptions _options;
    private readonly ChatClientMetadata _metadata;
    private readonly ILogger _logger;
    private int _isDisposed;

    /// <summary>Chats with a loaded model, which stays the caller's to dispose.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How to work. Null: the defaults.</param>
    /// <exception cref="ArgumentException">The options are out of range; the message says all that is wrong.</exception>
    /// <exception cref="Templates.ChatTemplateException">The chat template cannot be parsed.</exception>
    public LocalChatClient(ILanguageModel model, LocalChatClientOptions? options = null)
        : this([model], options)
    {
    }

    /// <summary>
    /// Chats with several loaded models, which stay the caller's to dispose: <see cref="ChatOptions.ModelId"/> chooses by
    /// <see cref="ILanguageModel.Name"/>, and the first is the default.
    /// </summary>
    /// <param name="models">The models, at least one; their names differ.</param>
    /// <param name="options">How to work, the same for all. Null: the defaults.</param>
    /// <exception cref="ArgumentException">The options are out of range, or there are no models or two of one name.</exception>
    public LocalChatClient(IEnumerable<ILanguageModel> models, LocalChatClientOptions? options = null)
        : this(models, options ?? new LocalChatClientOptions(), ownsModels: false)
    {
    }

    private LocalChatClient(IEnumerable<ILanguageModel> models, LocalChatClientOptions options, bool ownsModels)
    {
        ArgumentNullException.ThrowIfNull(models);
        ILanguageModel[] all = [.. models];
        if (all.Length == 0 || all.DistinctBy(m => m.Name, StringComparer.Ordinal).Count() < all.Length)
        {
            throw new ArgumentException("There must be at least one model, and each with a name of its own.", nameof(models));
        }

        _options = options;
        _logger = options.LoggerFactory?.CreateLogger<LocalChatClient>() ?? NullLogger<LocalChatClient>.Instance;
        _models = ChatModel.CreateAll(all, options, ownsModels);
        _metadata = new ChatClientMetadata(ProviderName, defaultModelId: all[0].Name);
    }

    /// <summary>Loads a model to chat with; it is disposed with the client.</summary>
    /// <param name="path">A GGUF file; of a model in several files, the first.</param>
    /// <param name="options">How to load it and how to work. Null: the defaults.</param>
    /// <param name="progress">Told how much is loaded, from 0 to 1.</param>
    /// <param name="cancellationToken">Gives up loading.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="NativeLibraryException">llama.cpp's libraries cannot be used.</exception>
    public static async Task<LocalChatClient> LoadAsync(
        string path, LocalChatClientOptions? options = null, IProgress<float>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new LocalChatClientOptions();
        var model = await LlamaModel.LoadAsync(path, options.Model, progress, options.LoggerFactory, cancellationToken).ConfigureAwait(false);
        try
        {
            return new LocalChatClient([model], options, ownsModels: true);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <summary>
    /// Answers a conversation, as the tokens come. All updates of a message carry the same ids; the last one of the
    /// response carries its finish reason and usage, the latter with <see cref="GenerationCounts"/>.
    /// </summary>
    /// <param name="messages">The conversation, oldest first; may be empty.</param>
    /// <param name="options">How to answer. Null: the client's defaults.</param>
    /// <param name="cancellationToken">Gives up; what was streamed so far is all there is.</param>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return StreamAsync(messages, options, cancellationToken);
    }

    /// <summary>The client itself, its <see cref="ChatClientMetadata"/>, or the default model.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_models[0].Language) ? _models[0].Language
            : serviceType.IsInstanceOfType(_models[0].Engine) ? _models[0].Engine
            : null;
    }

    /// <summary>Aborts the requests in progress and lets go of what was loaded.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            foreach (var model in _models)
            {
                model.Dispose();
            }
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            foreach (var model in _models)
            {
                await model.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (options?.ConversationId is not null)
        {
            LogConversationId(_logger);
        }

        var model = Select(options?.ModelId);
        var request = ChatRequest.Create(model, [.. messages], options, this, _options);
        var stamp = new ResponseStamp(ResponseStamp.NewId("response"), "", model.Language.Name, _options.Time.GetUtcNow());
        var random = new Random(unchecked((int)_options.FreshSeed()));
        await foreach (var update in AnswerStream.StreamAsync(model, request, stamp, random, cancellationToken).ConfigureAwait(false))
        {
            yield return update;
        }
    }

    private ChatModel Select(string? name) =>
        name is null ? _models[0]
        : Array.Find(_models, m => m.Language.Name == name)
        ?? throw new InvalidOperationException(
            $"The model '{name}' is not loaded; there is: {string.Join(", ", _models.Select(m => $"'{m.Language.Name}'"))}.");

    [LoggerMessage(LogLevel.Warning, "ChatOptions.ConversationId has no effect: this client keeps no history, so a request must bring the whole conversation.")]
    private static partial void LogConversationId(ILogger logger);
}
