using System.CommandLine;

namespace Connector.Benchmarks.EndToEnd.Reporting;

/// <summary>The command line: a subcommand for each benchmark, and the options that all of them share.</summary>
internal static class BenchmarkCommand
{
    private static readonly Option<FileInfo> s_model = new("--model")
    {
        Description = "The GGUF file to measure with.",
        DefaultValueFactory = _ => new FileInfo(Path.Combine(AppContext.BaseDirectory, "models", "connector-demo-4.6m-q8_0.gguf")),
    };

    private static readonly Option<FileInfo?> s_prompts = new("--prompts", "--data")
    {
        Description = "The prompts: a text file with one a line, or JSON Lines (gzipped where it ends in .gz) with \"prompt\", \"turns\" or \"question\". Default: a few that the embedded model knows.",
    };

    private static readonly Option<bool> s_quick = new("--quick") { Description = "Fewer repetitions: a rough figure soon." };

    private static readonly Option<FileInfo?> s_json = new("--json") { Description = "Also write the results to this file, as JSON." };

    public static Task<int> RunAsync(IReadOnlyList<IBenchmark> benchmarks, string[] args)
    {
        var root = new RootCommand("Measures whole generations; prints Markdown.");
        foreach (var benchmark in benchmarks)
        {
            var command = new Command(benchmark.Name, benchmark.Description) { s_model, Requantised.Format, s_prompts, s_quick, s_json };
            foreach (var option in benchmark.Options)
            {
                command.Add(option);
            }

            command.SetAction((options, cancellationToken) => RunAsync(benchmark, options, cancellationToken));
            root.Add(command);
        }

        return root.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(IBenchmark benchmark, ParseResult options, CancellationToken cancellationToken)
    {
        var model = options.GetRequiredValue(s_model);
        if (!model.Exists)
        {
            await Console.Error.WriteLineAsync($"There is no model at {model.FullName}; --model names another.");
            return 2;
        }

        var quick = options.GetValue(s_quick);
        var report = new Report(benchmark.Name, Console.Out);
        foreach (var (name, value) in Machine.Describe())
        {
            report.Fact(name, value);
        }

        using var requantised = await Requantised.MakeAsync(model, options.GetValue(Requantised.Format), cancellationToken);
        report.Fact("model", $"{requantised.Model.Name}, {requantised.Model.Length / 1e6:0.0} MB");
        report.Fact("mode", quick ? "quick: a rough figure" : "full");
        var prompts = await PromptFile.ReadAsync(options.GetValue(s_prompts), cancellationToken);
        await benchmark.RunAsync(new BenchmarkRun(requantised.Model, prompts, quick, report, options), cancellationToken);
        if (options.GetValue(s_json) is { } json)
        {
            await report.SaveAsync(json.FullName, cancellationToken);
        }

        return 0;
    }
}
