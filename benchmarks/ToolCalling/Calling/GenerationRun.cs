using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Benchmarks.ToolCalling.Generated;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Calling;

/// <summary>
/// Has a model call a tool in every conversation (<see cref="ChatToolMode.RequireAny"/>) at a temperature that makes
/// it talk nonsense, and checks every call: it parses, names an offered tool, and fits the tool's schema. A few
/// conversations run at once; those that may share their tools follow one another, so that the later ones find the
/// prompt's beginning in the prefix cache. A run that is stopped reports what it has, and another one goes on from there by
/// skipping as many.
/// </summary>
internal sealed class GenerationRun(IChatClient client, float temperature, int maxTokens, int skipped, FaultList faults, TimeProvider time)
{
    private const string Where = "generation";
    private const int AtOnce = 4;

    /// <summary>Every how many conversations several calls are allowed: a model that talks nonsense repeats one until it tires of it.</summary>
    private const int SeveralEvery = 4;

    private readonly Lock _lock = new();

    public async Task<GenerationTally> RunAsync(IEnumerable<ToolConversation> conversations, CancellationToken cancellationToken)
    {
        var tally = new GenerationTally();
        var groups = conversations.Where(c => c.Tools.Count > 0).Select((c, i) => (Conversation: c, Seed: i + 1L)).Skip(skipped).Chunk(RandomConversations.GroupSize);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        var start = time.GetTimestamp();
        try
        {
            await Parallel.ForEachAsync(groups, options, async (group, token) =>
            {
                foreach (var (conversation, seed) in group)
                {
                    await RunAsync(conversation, seed, tally, token);
                }
            });
        }
        catch (OperationCanceledException)
        {
            faults.Add(Where, "", $"stopped after {tally.Conversations} conversations");
        }

        tally.Time = time.GetElapsedTime(start);
        return tally;
    }

    private async Task RunAsync(ToolConversation conversation, long seed, GenerationTally tally, CancellationToken cancellationToken)
    {
        var options = new ChatOptions
        {
            Tools = [.. conversation.Tools],
            ToolMode = ChatToolMode.RequireAny,
            AllowMultipleToolCalls = seed % SeveralEvery == 0,
            Temperature = temperature,
            Seed = seed,
            MaxOutputTokens = maxTokens,
        };
        // Every exception counts as a failure of the conversation, whatever its type, and the run goes on.
        try
        {
            var response = await client.GetResponseAsync(conversation.Messages, options, cancellationToken);
            lock (_lock)
            {
                tally.Conversations++;
                tally.Tokens += response.Usage?.OutputTokenCount ?? 0;
                Check(conversation, options.AllowMultipleToolCalls.Value, response, tally);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            lock (_lock)
            {
                tally.Conversations++;
                tally.Exceptions++;
                faults.Add(Where, conversation.Id, $"{e.GetType().Name}: {e.Message}");
            }
        }
    }

    private void Check(ToolConversation conversation, bool severalAllowed, ChatResponse response, GenerationTally tally)
    {
        if (response.FinishReason == ChatFinishReason.Length)
        {
            tally.CutOff++;
            faults.Add(Where, conversation.Id, $"cut off after {response.Usage?.OutputTokenCount} tokens");
            return;
        }

        FunctionCallContent[] calls = [.. response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>()];
        tally.Calls += calls.Length;
        if (calls.Length > 1 && !severalAllowed)
        {
            faults.Add(Where, conversation.Id, $"{calls.Length} calls where one is allowed");
        }

        tally.WithoutCall += calls.Length == 0 ? 1 : 0;
        if (calls.Length == 0)
        {
            faults.Add(Where, conversation.Id, $"no call: {response.Text}");
        }

        foreach (var call in calls)
        {
            var (fault, words) = CallCheck.Of(call, conversation.Tools);
            tally.Unparsed += fault == CallFault.Unparsed ? 1 : 0;
            tally.NotOffered += fault == CallFault.NotOffered ? 1 : 0;
            tally.Invalid += fault == CallFault.Invalid ? 1 : 0;
            if (fault != CallFault.None)
            {
                faults.Add(Where, conversation.Id, $"{fault}: {words}");
            }
        }
    }
}
