using System.CommandLine;
using Connector.Decoding;
using Connector.Decoding.Engine;
using Connector.LlamaCpp;

namespace Connector.Benchmarks.EndToEnd.Reporting;

/// <summary>The options of a benchmark about the contexts that it makes.</summary>
internal static class ContextChoice
{
    /// <summary>Threads of a context: fewer than the machine's cores where other programs run beside.</summary>
    public static Option<int?> Threads { get; } = new("--threads") { Description = "Threads of the model's computation. Default: the library's choice." };

    /// <summary>Whether attention is computed by the fused kernel.</summary>
    public static Option<bool?> FlashAttention { get; } = new("--flash-attention") { Description = "true or false. Default: the library's choice." };

    /// <summary>Options with the chosen context.</summary>
    public static EngineOptions Configured(this EngineOptions options, BenchmarkRun run) => options with { ConfigureContext = context => Configured(context, run) };

    /// <summary>The chosen context.</summary>
    public static LlamaContextOptions Configured(ContextOptions context, BenchmarkRun run) => new(context)
    {
        Threads = run.Options.GetValue(Threads), FlashAttention = run.Options.GetValue(FlashAttention),
    };
}
