using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Connector.Hosting;

/// <summary>A client whose model may still be loading: requests wait for it. Thread-safe.</summary>
/// <param name="modelId">What the model will be called.</param>
/// <param name="load">Loads it; called once.</param>
internal sealed class DeferredChatClient(string modelId, Func<CancellationToken, Task<IChatClient>> load) : IChatClient
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposal = new();
    private readonly ChatClientMetadata _metadata = new(LocalChatClient.ProviderName, defaultModelId: modelId);
    private Task<IChatClient>? _loading;
    private IChatClient? _loaded;
    private bool _isDisposed;

    /// <summary>The loaded client; loading begins with the first call.</summary>
    public Task<IChatClient> LoadedAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var stop = _disposal.Token;
            return _loading ??= Task.Run(() => LoadAsync(stop), stop);
        }
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var client = await LoadedAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return await client.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var client = await LoadedAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var update in client.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            yield return update;
        }
    }

    /// <summary>What the loaded client offers; until then the metadata and itself.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return _loaded?.GetService(serviceType, serviceKey)
            ?? (serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : null);
    }

    /// <summary>Stops the loading, or disposes what was loaded.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        _disposal.Cancel();
        _disposal.Dispose();
        _loaded?.Dispose();
    }

    private async Task<IChatClient> LoadAsync(CancellationToken stop)
    {
        var client = await load(stop).ConfigureAwait(false);
        lock (_gate)
        {
            if (!_isDisposed)
            {
                return _loaded = client;
            }
        }

        // It was loaded in spite of the cancellation.
        client.Dispose();
        throw new ObjectDisposedException(nameof(DeferredChatClient));
    }
}
