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
    public static async Task<bool> RunAsync(
        Report report, IReadOnlyList<ToolConversation> walked, IReadOnlyList<ToolConversation> generated,
        FileInfo vocabulary, FileInfo model, float temperature, int maxTokens, CancellationToken cancellationToken)
    {
        var faults = new FaultList(mostOfEach: 3);
        using var words = await LlamaModel.LoadAsync(vocabulary.FullName, new LlamaModelOptions { VocabularyOnly = true }, cancellationToken: cancellationToken);
        report.Fact("vocabulary", $"{vocabulary.Name}, {words.Vocabulary.Count} tokens");
        var tallies = new FamilyRun([new BareJson()], words.Vocabulary, faults, TimeProvider.System).Run(walked, cancellationToken);
        report.Table("Answers walked through each family's constraint", FamilyTally.Columns, tallies.Select(t => t.Row()));
        report.Table("What went wrong (the first few of each kind)", FaultList.Columns, faults.Rows);
        return faults.Rows.Count == 0;
    }
}
