using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Connector.Samples.Agent;

/// <summary>The messages so far, with the calls and their results.</summary>
internal sealed class AgentConversation(IChatClient client, ChatOptions options)
{
    /// <summary>What the model is told first: words that the embedded model was trained with.</summary>
    private static readonly ChatMessage s_system = new(ChatRole.System, "You are an assistant that can use tools.");

    private readonly List<ChatMessage> _messages = [];

    /// <summary>What can be called.</summary>
    public IEnumerable<AITool> Tools => options.Tools ?? [];

    /// <summary>Forgets the messages.</summary>
    public void Reset() => _messages.Clear();

    /// <summary>
    /// Asks for something, and streams what happens: calls, their results, and text. A request that fails or is
    /// cancelled leaves the conversation as it was, so that no call stands there without a result.
    /// </summary>
    public async IAsyncEnumerable<AIContent> AskAsync(string request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asked = new ChatMessage(ChatRole.User, request);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync([s_system, .. _messages, asked], options, cancellationToken))
        {
            updates.Add(update);
            foreach (var content in update.Contents)
            {
                yield return content;
            }
        }

        _messages.Add(asked);
        _messages.AddRange(updates.ToChatResponse().Messages);
    }
}
