using Connector.Decoding.Engine;
using Connector.LlamaCpp;
using Connector.TestSupport;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Connector.Hosting.Tests;

public class LocalChatClientRegistrationTests
{
    private static readonly LocalChatClientOptions s_client = new()
    {
        Engine = new EngineOptions { ConfigureContext = options => new LlamaContextOptions(options) { Threads = 1 } },
    };

    private static void Demo(LocalModelOptions options) => (options.ModelPath, options.Client) = (TestModels.Demo, s_client);

    private static IHost Host(Action<IServiceCollection> register)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(settings: null);
        register(builder.Services);
        return builder.Build();
    }

    [Fact]
    public async Task A_model_is_loaded_with_the_host_and_disposed_with_it()
    {
        IChatClient client;
        using (var host = Host(services => services.AddLocalChatClient(Demo)))
        {
            await host.StartAsync();
            client = host.Services.GetRequiredService<IChatClient>();
            Assert.NotNull(client.GetService<LocalChatClient>());
            Assert.Same(client, host.Services.GetRequiredService<IChatClient>());
            Assert.NotEmpty((await client.GetResponseAsync("Hello!", new ChatOptions { Temperature = 0 })).Text);
            await host.StopAsync();
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Hello!"));
    }

    [Fact]
    public async Task Several_models_have_names()
    {
        using var host = Host(services => services
            .AddKeyedLocalChatClient("large", Demo)
            .AddKeyedLocalChatClient("small", options => (options.ModelPath, options.Loading, options.Client) = (TestModels.DemoDraft, ModelLoading.InBackground, s_client)));
        await host.StartAsync();
        var large = host.Services.GetRequiredKeyedService<IChatClient>("large");
        var small = host.Services.GetRequiredKeyedService<IChatClient>("small");
        Assert.EndsWith("4.6m-q8_0", (await large.GetResponseAsync("Hello!")).ModelId, StringComparison.Ordinal);
        Assert.EndsWith("1.3m-q8_0", (await small.GetResponseAsync("Hello!")).ModelId, StringComparison.Ordinal);
        Assert.Null(host.Services.GetService<IChatClient>());
    }

    [Fact]
    public async Task Without_a_host_the_first_request_loads()
    {
        await using var services = new ServiceCollection()
            .AddLocalChatClient(options => (options.ModelPath, options.Loading, options.Client) = (TestModels.Demo, ModelLoading.OnFirstUse, s_client))
            .BuildServiceProvider();
        var client = services.GetRequiredService<IChatClient>();
        Assert.Null(client.GetService<LocalChatClient>());
        Assert.Equal("connector-demo-4.6m-q8_0", client.GetService<ChatClientMetadata>()!.DefaultModelId);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("Hello!"))
        {
            updates.Add(update);
        }

        Assert.NotEmpty(updates.ToChatResponse().Text);
        Assert.NotNull(client.GetService<LocalChatClient>());
    }

    [Fact]
    public async Task All_that_is_wrong_with_the_options_comes_in_one_message()
    {
        using var host = Host(services => services
            .AddKeyedLocalChatClient("a", options => options.ModelPath = "no-such-file.gguf")
            .AddLocalChatClient(options => (options.Loading, options.Client) = ((ModelLoading)9, new LocalChatClientOptions { Defaults = new GenerationSettings { TopP = 2 } })));
        var error = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.All(["'a'", "no-such-file.gguf", "ModelPath is not set", "Loading is 9", "TopP"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_stops_the_host_or_fails_every_request()
    {
        var broken = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(broken, "no model");
            using (var host = Host(services => services.AddLocalChatClient(broken)))
            {
                await Assert.ThrowsAsync<InvalidGgufException>(() => host.StartAsync());
            }

            using (var host = Host(services => services.AddLocalChatClient(options => (options.ModelPath, options.Loading) = (broken, ModelLoading.InBackground))))
            {
                await host.StartAsync();
                var client = host.Services.GetRequiredService<IChatClient>();
                await Assert.ThrowsAsync<InvalidGgufException>(() => client.GetResponseAsync("Hello!"));
            }
        }
        finally
        {
            File.Delete(broken);
        }
    }

    [Fact]
    public async Task Disposing_while_it_loads_leaves_nothing_behind()
    {
        using var begun = new SemaphoreSlim(0);
        using var loaded = new SemaphoreSlim(0);
        var inner = new CountingClient();
        var client = new DeferredChatClient("x", async _ =>
        {
            begun.Release();
            await loaded.WaitAsync(CancellationToken.None);
            return inner;
        });
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            var asking = client.GetResponseAsync("Hello!");
            await begun.WaitAsync();
            client.Dispose();
            client.Dispose();
            loaded.Release();
            await asking;
        });
        Assert.Equal(1, inner.Disposals);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Hello!"));
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        var services = new ServiceCollection();
        Assert.Throws<ArgumentException>(() => services.AddKeyedLocalChatClient("", Demo));
        Assert.Throws<ArgumentNullException>(() => services.AddLocalChatClient((Action<LocalModelOptions>)null!));
        services.AddLocalChatClient("");
        using var provider = services.BuildServiceProvider();
        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IChatClient>());
    }

    private sealed class CountingClient : IChatClient
    {
        public int Disposals { get; private set; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose() => Disposals++;
    }
}
