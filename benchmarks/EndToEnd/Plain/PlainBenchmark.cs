using Connector.Benchmarks.EndToEnd.Reporting;

namespace Connector.Benchmarks.EndToEnd.Plain;

/// <summary>Plain decoding against a bare evaluate-and-argmax loop in the same process.</summary>
internal sealed class PlainBenchmark : IBenchmark
{
    public string Name => "plain";

    public string Description => "Prompt and generation tokens per second, time to first token, and the share of a bare loop's speed that is kept.";

    public Task RunAsync(BenchmarkRun run, CancellationToken cancellationToken)
    {
        throw new NotSupportedException("Waits for the engine.");
    }
}
