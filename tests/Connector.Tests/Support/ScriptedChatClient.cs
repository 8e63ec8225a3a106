using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Support;

/// <summary>A chat client that answers by a function of the messages and options, and remembers what it was asked.</summary>
internal sealed class ScriptedChatClient(Func<IReadOnlyList<ChatMessage>, ChatOptions?, ChatMessage> answer) : IChatClient
{
    public List<IReadOnlyList<ChatMessage>> Asked { get; } = [];

    public List<ChatOptions?> AskedOptions { get; } = [];

    public bool IsDisposed { get; private set; }

    /// <summary>Answers with the messages in turn, whatever it is asked.</summary>
    public static ScriptedChatClient Of(params ChatMessage[] answers)
    {
        var next = 0;
        return new ScriptedChatClient((_, _) => answers[next++]);
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Asked.Add([.. messages]);
        AskedOptions.Add(options);
        var message = answer(Asked[^1], options);
        var id = Guid.NewGuid().ToString("N");
        foreach (var content in message.Contents)
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, [content]) { ResponseId = id, MessageId = id };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => IsDisposed = true;
}
