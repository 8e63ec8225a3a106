using System.CommandLine;
using System.Text.Json.Nodes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Perfolizer.Horology;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Connector.Benchmarks.Micro;

var model = new Option<FileInfo?>("--model") { Description = "The GGUF file whose vocabulary is used. Default: the embedded one." };
var data = new Option<FileInfo?>("--data") { Description = "The text to work on. Default: a few made-up sentences." };
var filter = new Option<string>("--filter") { Description = "Which benchmarks, by name with wildcards.", DefaultValueFactory = _ => "*" };
var quick = new Option<bool>("--quick") { Description = "A rough figure soon." };
var json = new Option<FileInfo?>("--json") { Description = "Also write the results to this file, as JSON." };
var root = new RootCommand("Measures the small parts of decoding, without a model's own time.") { model, data, filter, quick, json };
root.SetAction(parsed =>
{
    Inputs.Model = parsed.GetValue(model) ?? Inputs.Model;
    Inputs.Data = parsed.GetValue(data);

    using var log = new StreamWriter(Console.OpenStandardError()) { AutoFlush = true };

    // In this process: the inputs are at hand, and nothing is built at run time. The log goes to stderr, the table to stdout.
    var job = (parsed.GetValue(quick) ? Job.ShortRun.WithIterationTime(TimeInterval.FromMilliseconds(50)) : Job.Default).WithToolchain(InProcessEmitToolchain.Instance);
    var config = ManualConfig.CreateEmpty()
        .AddJob(job)
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddLogger(new StreamLogger(log))
        .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "connector-benchmarks"));
    Console.WriteLine($"- model: {Inputs.Model.Name}\n- data: {Inputs.Data?.Name ?? "made-up sentences"}\n- mode: {(parsed.GetValue(quick) ? "quick" : "full")}, in process");
    var summaries = BenchmarkSwitcher.FromAssembly(typeof(Inputs).Assembly).Run(["--filter", parsed.GetRequiredValue(filter)], config).ToArray();
    foreach (var summary in summaries)
    {
        MarkdownExporter.GitHub.ExportToLog(summary, ConsoleLogger.Ascii);
    }

    if (parsed.GetValue(json) is { } file)
    {
        File.WriteAllText(file.FullName, new JsonArray([.. summaries.SelectMany(s => s.Reports).Select(ToJson)]).ToString() + "\n");
    }

    return summaries.Length > 0 && summaries.All(s => s.Reports.Length > 0 && s.Reports.All(r => r.Success)) ? 0 : 1;
});
return root.Parse(args).Invoke();

static JsonObject ToJson(BenchmarkReport report) => new()
{
    ["benchmark"] = report.BenchmarkCase.Descriptor.DisplayInfo,
    ["parameters"] = report.BenchmarkCase.Parameters.DisplayInfo,
    ["meanNanoseconds"] = report.ResultStatistics?.Mean,
    ["medianNanoseconds"] = report.ResultStatistics?.Median,
    ["allocatedBytes"] = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase),
};
