using Connector.Decoding.Engine;
using Connector.LlamaCpp;
using Microsoft.Extensions.AI;
using Spectre.Console;

namespace Connector.Samples;

/// <summary>Loads the model of the command line, with a progress bar where somebody can see it.</summary>
internal static class ModelLoading
{
    public static async Task<IChatClient> LoadAsync(
        FileInfo model, string? device, int? context, IAnsiConsole notes, CancellationToken cancellationToken)
    {
        var options = new LocalChatClientOptions
        {
            Model = Device(device),
            Engine = new EngineOptions { ContextCapacity = context },
        };
        if (Console.IsErrorRedirected)
        {
            return await LocalChatClient.LoadAsync(model.FullName, options, progress: null, cancellationToken);
        }

        return await notes.Progress().AutoClear(true).StartAsync(async bars =>
        {
            var bar = bars.AddTask($"Loading {Markup.Escape(model.Name)}", maxValue: 1);
            return await LocalChatClient.LoadAsync(model.FullName, options, new Progress<float>(share => bar.Value = share), cancellationToken);
        });
    }

    private static LlamaModelOptions Device(string? name) => name switch
    {
        null => new LlamaModelOptions(),
        "cpu" => new LlamaModelOptions { GpuLayers = 0 },
        "gpu" => ComputeDevice.Enumerate().Any(d => d.IsGpu)
            ? new LlamaModelOptions()
            : throw new InvalidOperationException("--device gpu: there is no GPU that an installed backend can use."),
        _ => ComputeDevice.Enumerate().Any(d => d.Name == name && d.IsGpu)
            ? new LlamaModelOptions { Devices = [name] }
            : throw new InvalidOperationException(
                $"--device {name} is unknown; there are: {string.Join(", ", ComputeDevice.Enumerate().Select(d => $"{d.Name} ({d.Description})").Prepend("cpu"))}."),
    };
}
