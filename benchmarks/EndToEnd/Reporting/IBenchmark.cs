using System.CommandLine;

namespace Connector.Benchmarks.EndToEnd.Reporting;

/// <summary>One subcommand of this program.</summary>
internal interface IBenchmark
{
    /// <summary>The subcommand's name.</summary>
    string Name { get; }

    /// <summary>What it measures, in one sentence.</summary>
    string Description { get; }

    /// <summary>Options besides the common ones; read them from <see cref="BenchmarkRun.Options"/>.</summary>
    IReadOnlyList<Option> Options => [];

    /// <summary>Measures, and writes what it found to <see cref="BenchmarkRun.Report"/>.</summary>
    Task RunAsync(BenchmarkRun run, CancellationToken cancellationToken);
}

/// <summary>What a run was asked for.</summary>
/// <param name="Model">The GGUF file to measure with: <c>--model</c>, or the embedded target.</param>
/// <param name="Prompts">The prompts: the lines of <c>--prompts</c>, or a few that the embedded model knows.</param>
/// <param name="Quick">Whether a rough figure soon is enough: <c>--quick</c>.</param>
/// <param name="Report">Where results go.</param>
/// <param name="Options">The parsed command line, for options of the benchmark's own.</param>
internal sealed record BenchmarkRun(FileInfo Model, IReadOnlyList<BenchmarkPrompt> Prompts, bool Quick, Report Report, ParseResult Options);
