using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests;

/// <summary>The demo chat model as a class fixture; it loads in a moment.</summary>
public sealed class DemoModel : IAsyncLifetime
{
    public LlamaModel Model { get; private set; } = null!;

    public async Task InitializeAsync() => Model = await LlamaModel.LoadAsync(TestModels.Demo);

    public Task DisposeAsync()
    {
        Model.Dispose();
        return Task.CompletedTask;
    }
}
