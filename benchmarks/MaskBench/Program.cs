using System.CommandLine;
using Connector.Benchmarks.MaskBench;
using Connector.Decoding.Constraints;

var data = new Option<FileInfo?>("--data") { Description = "The MaskBench file (JSON lines, gzip). Default: shared/data/maskbench/maskbench-dev.jsonl.gz beside the repository." };
var vocab = new Option<FileInfo?>("--vocab") { Description = "A GGUF file whose vocabulary is used. Default: 256 bytes and an end token." };
var sample = new Option<int?>("--sample") { Description = "Judge only this many schemas, evenly spaced. Default: all." };
var only = new Option<string?>("--only") { Description = "Judge only schemas whose name contains this." };
var json = new Option<FileInfo?>("--json") { Description = "Write the report as JSON too." };
var parallel = new Option<int>("--parallel") { Description = "Threads. Timings are only meaningful with 1.", DefaultValueFactory = _ => 1 };
var quick = new Option<bool>("--quick") { Description = "Only right or wrong: no masks, no timings of them." };
var order = new Option<PropertyOrder>("--order")
{
    Description = "Property order of the constraints. Default Any: the instances were written by people and models, in their own order.",
    DefaultValueFactory = _ => PropertyOrder.Any,
};
var failures = new Option<bool>("--failures") { Description = "List every schema that is not judged rightly, and why." };
var root = new RootCommand("Judges the constraint engine by MaskBench: every schema compiled, every instance walked token by token, compact and spaced, and asked at its end.")
{
    data, vocab, sample, only, json, parallel, quick, order, failures,
};
root.SetAction(async (arguments, cancellation) =>
{
    var options = new BenchOptions(
        arguments.GetValue(data)?.FullName ?? BenchOptions.FindData() ?? throw new FileNotFoundException("There is no data file; name one with --data."),
        arguments.GetValue(vocab)?.FullName,
        arguments.GetValue(sample),
        arguments.GetValue(only),
        arguments.GetValue(parallel),
        arguments.GetValue(quick),
        arguments.GetValue(order));
    var report = await Bench.RunAsync(options, cancellation);
    Console.WriteLine(report.ToMarkdown(arguments.GetValue(failures)));
    if (arguments.GetValue(json) is { } file)
    {
        await File.WriteAllTextAsync(file.FullName, report.ToJson(), cancellation);
    }

    return 0;
});
return await root.Parse(args).InvokeAsync();
