using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Conversations;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Calling;

/// <summary>
/// Has a model call a tool in every conversation (<see cref="ChatToolMode.RequireAny"/>) at a temperature that makes
/// it talk nonsense, and checks every call: it parses, names an offered tool, and fits the tool's schema.
/// </summary>
internal sealed class GenerationRun(IChatClient client, float temperature, int maxTokens, FaultList faults, TimeProvider time)
{
    private const string Where = "generation";

    public async Task<GenerationTally> RunAsync(IEnumerable<ToolConversation> conversations, CancellationToken cancellationToken)
    {
        var tally = new GenerationTally();
        long seed = 1;
        foreach (var conversation in conversations.Where(c => c.Tools.Count > 0))
        {
            await RunAsync(conversation, seed++, tally, cancellationToken);
        }

        return tally;
    }

    private async Task RunAsync(ToolConversation conversation, long seed, GenerationTally tally, CancellationToken cancellationToken)
    {
        var options = new ChatOptions
        {
            Tools = [.. conversation.Tools],
            ToolMode = ChatToolMode.RequireAny,
            Temperature = temperature,
            Seed = seed,
            MaxOutputTokens = maxTokens,
        };
        tally.Conversations++;
        var start = time.GetTimestamp();

        // Every exception counts as a failure of the conversation, whatever its type, and the run goes on.
        try
        {
            var response = await client.GetResponseAsync(conversation.Messages, options, cancellationToken);
            tally.Time += time.GetElapsedTime(start);
            tally.Tokens += response.Usage?.OutputTokenCount ?? 0;
            Check(conversation, response, tally);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            tally.Exceptions++;
            faults.Add(Where, conversation.Id, $"{e.GetType().Name}: {e.Message}");
        }
    }

    private void Check(ToolConversation conversation, ChatResponse response, GenerationTally tally)
    {
        if (response.FinishReason == ChatFinishReason.Length)
        {
            tally.CutOff++;
            faults.Add(Where, conversation.Id, $"cut off after {response.Usage?.OutputTokenCount} tokens");
            return;
        }

        FunctionCallContent[] calls = [.. response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>()];
        tally.Calls += calls.Length;
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
