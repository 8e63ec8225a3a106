using System.Runtime.CompilerServices;
using Connector.Decoding;
using Connector.Decoding.Engine;
using Connector.Decoding.Text;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>Generated tokens as updates of a response.</summary>
internal static class AnswerStream
{
    /// <summary>Generates all answers of a request at once and streams them one after the other.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        ChatModel model, ChatRequest request, ResponseStamp stamp, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var generations = model.Engine.Submit(request.Generation, request.Completions, cancellationToken);
        try
        {
            var usage = new UsageDetails();
            foreach (var generation in generations)
            {
                var message = stamp with { MessageId = ResponseStamp.NewId("message") };
                await foreach (var content in ReadAsync(generation, request, model.Language.Vocabulary, cancellationToken).ConfigureAwait(false))
                {
                    yield return message.Update(content);
                }

                usage.Add(generation.Usage.ToDetails(reasoningTokens: 0, countsPrompt: generation == generations[0]));
                var end = message.Update();
                end.FinishReason = Reason(generation.FinishReason);
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

    private static async IAsyncEnumerable<AIContent> ReadAsync(
        Generation generation, ChatRequest request, Vocabulary vocabulary, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var assembler = new TextAssembler(request.Stops);
        await foreach (var generated in generation.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (assembler.Append(vocabulary, generated.Token) is { Length: > 0 } text)
            {
                yield return new TextContent(text);
            }
        }

        if (assembler.Flush() is { Length: > 0 } rest)
        {
            yield return new TextContent(rest);
        }
    }

    private static ChatFinishReason? Reason(FinishReason? reason) => reason switch
    {
        FinishReason.EndOfGeneration or FinishReason.StopSequence => ChatFinishReason.Stop,
        FinishReason.MaxTokens or FinishReason.ContextFull => ChatFinishReason.Length,
        _ => null,
    };
}
