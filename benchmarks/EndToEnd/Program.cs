using Connector.Benchmarks.EndToEnd.Plain;
using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Benchmarks.EndToEnd.Speculative;
using Connector.Benchmarks.EndToEnd.Throughput;

// A benchmark is a class with a name, options of its own and a run; a line here makes it a subcommand.
IBenchmark[] benchmarks =
[
    new PlainBenchmark(),
    new SpeculationBenchmark(),
    new ThroughputBenchmark(),
    new MultiTurnBenchmark(),
    new SoakBenchmark(),
];

return await BenchmarkCommand.RunAsync(benchmarks, args);
