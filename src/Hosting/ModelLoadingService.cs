using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Connector.Hosting;

/// <summary>That a model was registered under a name; empty for the default one.</summary>
internal sealed record ModelRegistration(string Name);

/// <summary>Loads the registered models with the host. The container disposes them with itself.</summary>
internal sealed partial class ModelLoadingService(
    IServiceProvider services, IEnumerable<ModelRegistration> registrations, IOptionsMonitor<LocalModelOptions> options, ILogger<ModelLoadingService> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var name in registrations.Select(r => r.Name).Distinct(StringComparer.Ordinal))
        {
            var model = options.Get(name);
            if (model.Loading == ModelLoading.OnFirstUse)
            {
                continue;
            }

            var loading = services.GetRequiredKeyedService<DeferredChatClient>(name).LoadedAsync();
            if (model.Loading == ModelLoading.AtStart)
            {
                await loading.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                _ = LogFailureAsync(loading, model.ModelPath);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task LogFailureAsync(Task loading, string path)
    {
        try
        {
            await loading.ConfigureAwait(false);
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
