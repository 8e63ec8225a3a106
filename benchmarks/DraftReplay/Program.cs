using System.CommandLine;
using Connector.Benchmarks.DraftReplay;
using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Decoding.Speculation;

// The planner that the engine uses, over recorded runs and a given cost curve: no model, no noise, the same figures every time.
var data = new Option<FileInfo?>("--data") { Description = "The traces. Default: those beside the repository, shared/data/traces/smollm2-greedy-dev.jsonl.gz." };
var curve = new Option<string[]>("--curve") { Description = "q4_0, q8_0, q4_1, gpu, or a file with lines \"tokens cost\". May be repeated. Default: all four." };
var sources = new Option<string[]>("--source") { Description = "Only these sources: suffix, finished, recycled. May be repeated. Default: all." };
var milliseconds = new Option<double>("--milliseconds") { Description = "What a call for one token takes; small models lose their 20 ms in more tokens. Default 10.", DefaultValueFactory = _ => 10 };
var cold = new Option<bool>("--cold") { Description = "A new planner for every run: what the first answer after loading is worth." };
var quick = new Option<bool>("--quick") { Description = "Every fifth trace." };
var json = new Option<FileInfo?>("--json") { Description = "Also write the results to this file, as JSON." };
var root = new RootCommand("Replays draft policies over recorded runs; prints Markdown.") { data, curve, sources, milliseconds, cold, quick, json };
root.SetAction(async (options, cancellationToken) =>
{
    var path = options.GetValue(data)?.FullName ?? ReplayBenchmark.DefaultData();
    if (path is null || !File.Exists(path))
    {
        await Console.Error.WriteLineAsync($"There are no traces at {path ?? "shared/data/traces beside the repository"}; --data names another file.");
        return 2;
    }

    var report = new Report("draft-replay", Console.Out);
    ReplayBenchmark.Run(
        report,
        [.. Trace.Read(path).Where((_, i) => !options.GetValue(quick) || i % 5 == 0)],
        [.. (options.GetValue(curve) is { Length: > 0 } names ? names.Select(CostCurve.Read) : CostCurve.Known).Select(c => c with { Milliseconds = options.GetValue(milliseconds) })],
        options.GetValue(sources) ?? [],
        options.GetValue(cold));
    if (options.GetValue(json) is { } file)
    {
        await report.SaveAsync(file.FullName, cancellationToken);
    }

    return 0;
});
return await root.Parse(args).InvokeAsync();
