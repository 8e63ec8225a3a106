using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Benchmarks.ToolCalling.Calling;
using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Benchmarks.ToolCalling.Families;
using Connector.LlamaCpp;

namespace Connector.Benchmarks.ToolCalling;

/// <summary>
/// Tool definitions in every family's format: what rendering and compiling costs, whether right answers are allowed and
/// wrong ones not; then a model that must call, at a high temperature.
/// </summary>
internal static class ToolsBenchmark
{
    /// <summary>Runs both parts; false where anything went wrong, which the report's last table names.</summary>
    public static async Task<bool> RunAsync(
        Report report, IReadOnlyList<IToolFamily> families, IReadOnlyList<ToolConversation> walked, IReadOnlyList<ToolConversation> generated,
        FileInfo vocabulary, FileInfo? model, int? threads, float temperature, int maxTokens, int skipped, CancellationToken cancellationToken)
    {
        if (generated.Count > 0 && model is not { Exists: true })
        {
            // Said before the walks, which take a while.
            throw new FileNotFoundException($"There is no model at {model?.FullName}; --model names another.");
        }

        var faults = new FaultList(mostOfEach: 3);
        using (var words = await LlamaModel.LoadAsync(vocabulary.FullName, new LlamaModelOptions { VocabularyOnly = true }, cancellationToken: cancellationToken))
        {
            report.Fact("vocabulary", $"{vocabulary.Name}, {words.Vocabulary.Count} tokens");
            var tallies = new FamilyRun(families, words.Vocabulary, faults, TimeProvider.System).Run(walked, cancellationToken);
            report.Table("Answers walked through each family's constraint; ready: prompt rendered, tools compiled, first mask made", FamilyTally.Columns, tallies.Select(t => t.Row()));
        }

        if (generated.Count > 0 && model is not null)
        {
            report.Fact("model", $"{model.Name}, {model.Length / 1e6:0.0} MB{BenchmarkFiles.Threads(threads)}");
            using var client = await LocalChatClient.LoadAsync(model.FullName, BenchmarkFiles.WithThreads(threads), cancellationToken: cancellationToken);
            var tally = await new GenerationRun(client, temperature, maxTokens, skipped, faults, TimeProvider.System).RunAsync(generated, cancellationToken);
            report.Table(FormattableString.Invariant($"Calls of a model that must call, at temperature {temperature}"), GenerationTally.Columns, [tally.Row()]);
        }

        report.Table("What went wrong (the first few of each kind)", FaultList.Columns, faults.Rows);
        return faults.Rows.Count == 0;
    }
}
