using System.CommandLine;
using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Benchmarks.ToolCalling.Demo;
using Connector.Benchmarks.ToolCalling.Families;
using Connector.Benchmarks.ToolCalling.Generated;

namespace Connector.Benchmarks.ToolCalling;

/// <summary>The command line: real tools by default, and subcommands for random tools and for the demo model.</summary>
internal static class BenchmarkCommand
{
    private const int MaxAnswer = 2048;

    private static readonly Option<FileInfo?> s_model = new("--model") { Description = "The GGUF file that generates. Default: SmolLM2 in shared/models beside the repository; for demo the embedded model.", Recursive = true };
    private static readonly Option<FileInfo?> s_vocabulary = new("--vocab") { Description = "The GGUF file whose tokens answers are walked in. Default: Qwen 2's in shared/models/vocab.", Recursive = true };
    private static readonly Option<FileInfo?> s_data = new("--data") { Description = "The conversations, JSON Lines, gzipped where it ends in .gz. Default: shared/data/tool-calling/bfcl-dev.jsonl.gz; for demo its own held-out ones.", Recursive = true };
    private static readonly Option<int?> s_sample = new("--sample") { Description = "Walk this many conversations, evenly spread. Default: all.", Recursive = true };
    private static readonly Option<int?> s_generate = new("--generate") { Description = "Have the model call in this many conversations, evenly spread; 0: none. Default: 40 with real tools, 500 with random ones, at most --sample.", Recursive = true };
    private static readonly Option<int> s_skip = new("--skip") { Description = "Leave out so many of the conversations in which the model calls: the first ones, which a run that was stopped has done.", Recursive = true };
    private static readonly Option<string[]> s_families = new("--family") { Description = "Walk only the formats whose name begins so, such as hermes. May be repeated. Default: all.", Recursive = true };
    private static readonly Option<int?> s_threads = new("--threads") { Description = "Threads of the model's computation; fewer than the cores where other programs run beside. Default: the physical cores.", Recursive = true };
    private static readonly Option<bool> s_quick = new("--quick") { Description = "A rough figure soon: every twentieth conversation.", Recursive = true };
    private static readonly Option<FileInfo?> s_json = new("--json") { Description = "Also write the results to this file, as JSON.", Recursive = true };

    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Real tool definitions in every family's format: cost, right and wrong answers, and a model that must call. Prints Markdown.")
        {
            s_model, s_vocabulary, s_data, s_sample, s_generate, s_skip, s_families, s_threads, s_quick, s_json,
        };
        root.SetAction((options, cancellationToken) => ReportAsync("tool-calling", options, (report, token) => RealAsync(report, options, token), cancellationToken));
        root.Add(Mode("generated", "The same with random tools: nested, in several scripts, 1 to 30 of them.", GeneratedAsync));
        root.Add(Mode("demo", "The demo model on held-out conversations: exactly right calls and tokens per second, with the constraint and without.", DemoAsync));
        return root.Parse(args).InvokeAsync();
    }

    private static Command Mode(string name, string description, Func<Report, ParseResult, CancellationToken, Task<bool>> run)
    {
        var command = new Command(name, description);
        command.SetAction((options, cancellationToken) => ReportAsync($"tool-calling {name}", options, (report, token) => run(report, options, token), cancellationToken));
        return command;
    }

    /// <summary>0 where all went well, 1 where the report names what went wrong, 2 where a file is missing.</summary>
    private static async Task<int> ReportAsync(
        string name, ParseResult options, Func<Report, CancellationToken, Task<bool>> run, CancellationToken cancellationToken)
    {
        try
        {
            var report = new Report(name, Console.Out);
            foreach (var (fact, value) in Machine.Describe())
            {
                report.Fact(fact, value);
            }

            var isRight = await run(report, cancellationToken);
            if (options.GetValue(s_json) is { } json)
            {
                await report.SaveAsync(json.FullName, cancellationToken);
            }

            return isRight ? 0 : 1;
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private static Task<bool> RealAsync(Report report, ParseResult options, CancellationToken cancellationToken)
    {
        var data = options.GetValue(s_data) ?? BenchmarkFiles.RealTools;
        var all = ConversationFile.Read(data.FullName);
        report.Fact("data", $"{data.Name}, {all.Count} conversations");
        return ToolsAsync(report, options, Walked(all, options), Spread(all, Generations(options, 40)), temperature: 1.2f, cancellationToken);
    }

    private static Task<bool> GeneratedAsync(Report report, ParseResult options, CancellationToken cancellationToken)
    {
        ToolConversation[] all = [.. RandomConversations.Make(500, seed: 1)];
        report.Fact("data", $"{all.Length} conversations with random tools");
        return ToolsAsync(report, options, Walked(all, options), Spread(all, Generations(options, all.Length)), temperature: 1.5f, cancellationToken);
    }

    private static async Task<bool> DemoAsync(Report report, ParseResult options, CancellationToken cancellationToken)
    {
        var model = options.GetValue(s_model) ?? BenchmarkFiles.Demo;
        report.Fact("model", $"{model.Name}, {model.Length / 1e6:0.0} MB{BenchmarkFiles.Threads(options.GetValue(s_threads))}");
        var all = ConversationFile.Read((options.GetValue(s_data) ?? BenchmarkFiles.HeldOut).FullName);
        await DemoBenchmark.RunAsync(report, model, Walked(all, options), options.GetValue(s_threads), cancellationToken);
        return true;
    }

    private static Task<bool> ToolsAsync(
        Report report, ParseResult options, IReadOnlyList<ToolConversation> walked, IReadOnlyList<ToolConversation> generated,
        float temperature, CancellationToken cancellationToken) => ToolsBenchmark.RunAsync(
            report,
            Families(options.GetValue(s_families) ?? []),
            walked,
            generated,
            options.GetValue(s_vocabulary) ?? BenchmarkFiles.LargeVocabulary,
            options.GetValue(s_model) ?? (generated.Count > 0 ? BenchmarkFiles.SmolLm : null),
            options.GetValue(s_threads),
            temperature,
            MaxAnswer,
            options.GetValue(s_skip),
            cancellationToken);

    private static IToolFamily[] Families(string[] names)
    {
        IToolFamily[] all = [new BareJson(), .. FormatFamily.All(BenchmarkFiles.Templates)];
        return names.Length == 0 ? all : [.. all.Where(family => names.Any(name => family.Name.StartsWith(name, StringComparison.Ordinal)))];
    }

    private static IReadOnlyList<ToolConversation> Walked(IReadOnlyList<ToolConversation> all, ParseResult options) =>
        Spread(all, options.GetValue(s_sample) ?? (options.GetValue(s_quick) ? (all.Count + 19) / 20 : all.Count));

    private static int Generations(ParseResult options, int usual) =>
        options.GetValue(s_generate) ?? Math.Min(options.GetValue(s_sample) ?? int.MaxValue, options.GetValue(s_quick) ? (usual + 19) / 20 : usual);

    /// <summary>This many, evenly spread, so that each category has its share.</summary>
    private static IReadOnlyList<ToolConversation> Spread(IReadOnlyList<ToolConversation> all, int count) =>
        count >= all.Count ? all : [.. Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Count / count)])];
}
