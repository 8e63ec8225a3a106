using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.LlamaCpp;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Demo;

/// <summary>
/// The demo model on conversations it never saw, greedily: how often its call is exactly right with and without the
/// constraint, and how fast it answers. The ways take turns on each conversation, so that a busy machine is busy for all.
/// </summary>
internal static class DemoBenchmark
{
    private const int MaxTokens = 256;

    public static async Task RunAsync(
        Report report, FileInfo modelFile, IReadOnlyList<ToolConversation> conversations, int rounds, CancellationToken cancellationToken)
    {
        using var language = await LlamaModel.LoadAsync(modelFile.FullName, cancellationToken: cancellationToken);
        using var client = new LocalChatClient(language);
        using var model = ChatModel.CreateAll([language], new LocalChatClientOptions(), ownsModels: false)[0];
        var asker = new DemoAsker(model, client, TimeProvider.System);
        var results = new List<DemoResult>();
        foreach (var conversation in conversations)
        {
            // The first round finds the prompt's tokens uncached and the constraint uncompiled; it counts for the answers only.
            var answers = DemoWay.All.ToDictionary(way => way, _ => new List<DemoAnswer>());
            for (var round = 0; round <= rounds; round++)
            {
                foreach (var way in DemoWay.All)
                {
                    answers[way].Add(await asker.AskAsync(conversation, way, MaxTokens, cancellationToken));
                }
            }

            results.AddRange(answers.Select(pair => new DemoResult(conversation.Category, pair.Key, pair.Value[0], Speed(pair.Value))));
        }

        DemoReport.Write(report, results);
    }

    private static double Speed(IEnumerable<DemoAnswer> answers) =>
        Estimate.Of([.. answers.Skip(1).Select(answer => answer.TokensPerSecond)]).Median;
}
