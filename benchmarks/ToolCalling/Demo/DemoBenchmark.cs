using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.LlamaCpp;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Demo;

/// <summary>
/// The demo model on conversations it never saw, greedily: how often its call is exactly right with and without the
/// constraint, and how fast it answers. The ways take turns on each conversation, so that a busy machine is busy for all,
/// and each has an engine of its own: a drafter that had seen the answer of another way would only have to repeat it.
/// </summary>
internal static class DemoBenchmark
{
    private const int MaxTokens = 256;

    public static async Task RunAsync(
        Report report, FileInfo modelFile, IReadOnlyList<ToolConversation> conversations, int? threads, CancellationToken cancellationToken)
    {
        using var language = await LlamaModel.LoadAsync(modelFile.FullName, cancellationToken: cancellationToken);
        var options = BenchmarkFiles.WithThreads(threads);
        using var client = new LocalChatClient(language, options);
        var models = DemoWay.All.ToDictionary(
            way => way, way => ChatModel.CreateAll([language], options with { Speculation = way.Speculation }, ownsModels: false)[0]);
        try
        {
            var results = new List<DemoResult>();
            foreach (var conversation in conversations)
            {
                foreach (var way in DemoWay.All)
                {
                    // The first token brings the prompt into the cache and the constraint into being; it counts for nothing.
                    var asker = new DemoAsker(models[way], client, TimeProvider.System);
                    await asker.AskAsync(conversation, way, maxTokens: 1, cancellationToken);
                    var answer = await asker.AskAsync(conversation, way, MaxTokens, cancellationToken);
                    results.Add(new DemoResult(conversation.Category, way, answer, answer.TokensPerSecond));
                }
            }

            DemoReport.Write(report, results);
        }
        finally
        {
            foreach (var model in models.Values)
            {
                await model.DisposeAsync();
            }
        }
    }
}
