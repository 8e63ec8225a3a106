using Connector.Benchmarks.ToolCalling;

return await BenchmarkCommand.RunAsync(args);
