using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Connector.Hosting;

/// <summary>That a model was registered under a name; empty for the default one.</summary>
internal sealed record ModelRegistration(string Name);

/// <summary>Loads the registered models with the host. The container disposes them with itself.</summary>
internal sealed partial class ModelLoadingService(
    IServiceProvider services, IEnumerable<ModelRegistration> registrations, IOptionsMonitor<LocalModelOptions> options) : IHostedService
{
    private readonly ILogger _logger = services.GetService<ILoggerFactory>()?.CreateLogger<ModelLoadingService>() ?? NullLogger<ModelLoadingService>.Instance;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var name in registrations.Select(r => r.Name).Distinct(StringComparer.Ordinal))
        {
            var model = options.Get(name);
            if (model.Loading == ModelLoading.OnFirstUse)
            {
                continue;
            }

            var client = services.GetRequiredKeyedService<DeferredChatClient>(name);
            if (model.Loading == ModelLoading.AtStart)
            {
                await client.LoadedAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                _ = LoadAsync(client, model.ModelPath);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task LoadAsync(DeferredChatClient client, string path)
    {
        try
        {
            await client.LoadedAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            LogStopped(path);
        }
        catch (Exception e)
        {
            // Every request gets the same exception; nobody may have asked yet.
            LogFailed(e, path);
        }
    }

    [LoggerMessage(LogLevel.Information, "Loading {Path} was stopped.")]
    private partial void LogStopped(string path);

    [LoggerMessage(LogLevel.Error, "{Path} could not be loaded.")]
    private partial void LogFailed(Exception exception, string path);
}
