using Connector.TestSupport;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Connector.Hosting.Tests;

/// <summary>The README's services, word for word, compiled and run.</summary>
public class ReadmeServicesTests
{
    [Fact]
    public async Task They_answer()
    {
        // The README's paths start at the repository.
        Directory.SetCurrentDirectory(Path.Combine(Path.GetDirectoryName(TestModels.Demo)!, ".."));
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);

        builder.Services.AddLocalChatClient("models/connector-demo-4.6m-q8_0.gguf");
        builder.Services.AddKeyedLocalChatClient("small", options =>
        {
            options.ModelPath = "models/connector-demo-1.3m-q8_0.gguf";
            options.Loading = ModelLoading.InBackground;
        });

        using var host = builder.Build();
        await host.StartAsync();
        var options = new ChatOptions { MaxOutputTokens = 3 };
        Assert.NotEmpty((await host.Services.GetRequiredService<IChatClient>().GetResponseAsync("Hello!", options)).Text);
        Assert.NotEmpty((await host.Services.GetRequiredKeyedService<IChatClient>("small").GetResponseAsync("Hello!", options)).Text);
    }
}
