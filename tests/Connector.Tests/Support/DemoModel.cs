using Connector.Decoding.Engine;
using Connector.LlamaCpp;
using Connector.TestSupport;

namespace Connector.Tests.Support;

/// <summary>The embedded chat model, loaded once for a test class.</summary>
public sealed class DemoModel : IAsyncLifetime
{
    internal LlamaModel Model { get; private set; } = null!;

    /// <summary>One thread: the model is so small that sharing its work costs more than it brings, most of all on a busy machine.</summary>
    internal static EngineOptions Engine { get; } = new() { ConfigureContext = options => new LlamaContextOptions(options) { Threads = 1 } };

    public async Task InitializeAsync() => Model = await LlamaModel.LoadAsync(TestModels.Demo);

    public Task DisposeAsync()
    {
        Model.Dispose();
        return Task.CompletedTask;
    }
}
