using Connector.Benchmarks.EndToEnd.Plain;
using Connector.Benchmarks.EndToEnd.Reporting;

// A benchmark is a class with a name, options of its own and a run; a line here makes it a subcommand.
IBenchmark[] benchmarks =
[
    new PlainBenchmark(),
];

return await BenchmarkCommand.RunAsync(benchmarks, args);
