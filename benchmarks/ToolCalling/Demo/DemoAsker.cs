using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Templates;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Demo;

/// <summary>Asks as the chat client does, with its constraint or without.</summary>
internal sealed class DemoAsker(ChatModel model, IChatClient client, TimeProvider time)
{
    public async Task<DemoAnswer> AskAsync(ToolConversation conversation, DemoWay way, int maxTokens, CancellationToken cancellationToken)
    {
        var options = new ChatOptions { Tools = [.. conversation.Tools], ToolMode = way.Mode, Temperature = 0, Seed = 1, MaxOutputTokens = maxTokens };
        var request = ChatRequest.Create(model, conversation.Messages, options, client, new LocalChatClientOptions());
        if (!way.IsConstrained)
        {
            request = request with { Generation = request.Generation with { Constraint = null } };
        }

        var stamp = new ResponseStamp(ResponseStamp.NewId("response"), "", model.Language.Name, time.GetUtcNow());
        var start = time.GetTimestamp();
        var response = await AnswerStream.StreamAsync(model, request, stamp, new Random(1), cancellationToken).ToChatResponseAsync(cancellationToken);
        return DemoAnswer.Of(response, conversation, time.GetElapsedTime(start));
    }
}
