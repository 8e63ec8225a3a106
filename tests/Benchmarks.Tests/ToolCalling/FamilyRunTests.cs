using Connector.Benchmarks.ToolCalling;
using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Families;
using Connector.Benchmarks.ToolCalling.Generated;
using Connector.LlamaCpp;

namespace Connector.Benchmarks.Tests.ToolCalling;

/// <summary>The benchmark's own checks, on a handful of conversations with random tools.</summary>
public sealed class FamilyRunTests
{
    [Fact]
    public async Task Right_answers_pass_and_wrong_ones_do_not_in_every_family()
    {
        var faults = new FaultList(mostOfEach: 3);
        using var model = await LlamaModel.LoadAsync(BenchmarkFiles.Demo.FullName, new LlamaModelOptions { VocabularyOnly = true });
        var run = new FamilyRun([new BareJson(), .. FormatFamily.All(templates: null)], model.Vocabulary, faults, TimeProvider.System);
        var tallies = run.Run(RandomConversations.Make(3 * RandomConversations.GroupSize, seed: 2).Chunk(RandomConversations.GroupSize).Select(group => group[0]), CancellationToken.None);

        Assert.True(faults.Rows.Count == 0, string.Join('\n', faults.Rows.Select(row => string.Join(" | ", row))));
        Assert.All(tallies, tally => Assert.Equal(3, tally.RightAnswers));
        Assert.All(tallies, tally => Assert.True(tally.WrongAnswers >= 3));
    }
}
