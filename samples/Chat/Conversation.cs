using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Connector.Samples.Chat;

/// <summary>The messages so far, and what the answers cost.</summary>
internal sealed class Conversation(IChatClient client, ChatOptions options, TimeProvider time)
{
    private readonly List<ChatMessage> _messages = [];

    /// <summary>What the model is told first; null: the template's own words.</summary>
    public string? System { get; set; }

    /// <summary>What the last answer cost; null before the first, and where it was interrupted: counts come with an answer's end.</summary>
    public AnswerStatistics? Last { get; private set; }

    /// <summary>What all answers that were not interrupted cost together.</summary>
    public AnswerStatistics Total { get; private set; } = new();

    /// <summary>Forgets the messages.</summary>
    public void Reset() => _messages.Clear();

    /// <summary>Says something and streams the answer. What was said before a cancellation stays in the conversation.</summary>
    public async IAsyncEnumerable<string> AskAsync(string text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _messages.Add(new ChatMessage(ChatRole.User, text));
        List<ChatMessage> request = System is null ? [.. _messages] : [new ChatMessage(ChatRole.System, System), .. _messages];
        var updates = new List<ChatResponseUpdate>();
        var start = time.GetTimestamp();
        TimeSpan? first = null;
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync(request, options, cancellationToken))
            {
                first ??= time.GetElapsedTime(start);
                updates.Add(update);
                if (update.Text.Length > 0)
                {
                    yield return update.Text;
                }
            }
        }
        finally
        {
            var answer = updates.ToChatResponse();
            _messages.AddRange(answer.Messages);
            Last = answer.Usage is { } usage ? AnswerStatistics.Of(usage, first ?? TimeSpan.Zero, time.GetElapsedTime(start)) : null;
            Total += Last ?? new();
        }
    }
}
