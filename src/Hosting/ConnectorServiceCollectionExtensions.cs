using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Connector.Hosting;

/// <summary>Local models as services.</summary>
public static class ConnectorServiceCollectionExtensions
{
    /// <summary>Registers a model as the container's <see cref="IChatClient"/>.</summary>
    /// <param name="services">The container.</param>
    /// <param name="modelPath">The GGUF file.</param>
    public static IServiceCollection AddLocalChatClient(this IServiceCollection services, string modelPath) =>
        services.AddLocalChatClient(options => options.ModelPath = modelPath);

    /// <summary>Registers a model as the container's <see cref="IChatClient"/>, a singleton that the container disposes.</summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Sets the options; they are checked together when the host starts.</param>
    public static IServiceCollection AddLocalChatClient(this IServiceCollection services, Action<LocalModelOptions> configure)
    {
        AddClient(services, Options.DefaultName, configure);
        services.AddSingleton<IChatClient>(provider => provider.GetRequiredKeyedService<DeferredChatClient>(Options.DefaultName));
        return services;
    }

    /// <summary>Registers a model as the keyed <see cref="IChatClient"/> of a name, so that a container can hold several.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The key, and the name of the options.</param>
    /// <param name="configure">Sets the options; they are checked together when the host starts.</param>
    public static IServiceCollection AddKeyedLocalChatClient(this IServiceCollection services, string name, Action<LocalModelOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        AddClient(services, name, configure);
        services.AddKeyedSingleton<IChatClient>(name, (provider, _) => provider.GetRequiredKeyedService<DeferredChatClient>(name));
        return services;
    }

    private static void AddClient(IServiceCollection services, string name, Action<LocalModelOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<LocalModelOptions>(name).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LocalModelOptions>, LocalModelOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ModelLoadingService>());
        services.AddSingleton(new ModelRegistration(name));
        services.AddKeyedSingleton(name, (provider, _) => Create(provider, name));
    }

    private static DeferredChatClient Create(IServiceProvider provider, string name)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<LocalModelOptions>>().Get(name);
        var client = options.Client.LoggerFactory is null
            ? options.Client with { LoggerFactory = provider.GetService<ILoggerFactory>() }
            : options.Client;
        return new DeferredChatClient(
            Path.GetFileNameWithoutExtension(options.ModelPath),
            async cancellation => await LocalChatClient.LoadAsync(options.ModelPath, client, cancellationToken: cancellation).ConfigureAwait(false));
    }
}
