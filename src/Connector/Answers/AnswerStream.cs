using System.Runtime.CompilerServices;
using Connector.Decoding.Engine;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>Generated tokens as updates of a response.</summary>
internal static class AnswerStream
{
    /// <summary>Generates all answers of a request at once and streams them one after the other.</summary>
    /// <param name="model">Who answers.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="stamp">What the updates have in common; each answer gets a message id of its own.</param>
    /// <param name="random">Draws the ids of calls.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        ChatModel model, ChatRequest request, ResponseStamp stamp, Random random, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var generations = model.Engine.Submit(request.Generation, request.Completions, cancellationToken);
        try
        {
            var usage = new UsageDetails();
            foreach (var generation in generations)
            {
                var message = stamp with { MessageId = ResponseStamp.NewId("message") };
                var reader = new AnswerReader(request, model.Language.Vocabulary, random);
                await foreach (var token in generation.WithCancellation(cancellationToken).ConfigureAwait(false))
                {
                    foreach (var content in reader.Read(token.Token))
                    {
                        yield return message.Update(content);
                    }

                    if (reader.IsStopped)
                    {
                        break;
                    }
                }

                foreach (var content in reader.Finish())
                {
                    yield return message.Update(content);
                }

                usage.Add(generation.Usage.ToDetails(reader.ReasoningTokens, countsPrompt: generation == generations[0]));
                var end = message.Update();
                end.FinishReason = Reason(reader.IsStopped ? FinishReason.StopSequence : generation.FinishReason, reader.HasCalls);
                if (generation == generations[^1])
                {
                    end.Contents.Add(new UsageContent(usage));
                }

                yield return end;
            }
        }
        finally
        {
            foreach (var generation in generations)
            {
                await generation.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static ChatFinishReason? Reason(FinishReason? reason, bool hasCalls) => reason switch
    {
        FinishReason.EndOfGeneration or FinishReason.StopSequence => hasCalls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        FinishReason.MaxTokens or FinishReason.ContextFull => ChatFinishReason.Length,
        _ => null,
    };
}
