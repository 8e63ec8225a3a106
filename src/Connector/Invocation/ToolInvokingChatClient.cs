using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>Asks, runs the calls of the answer, asks again with their results: see <see cref="ToolInvocationExtensions.WithToolInvocation"/>.</summary>
internal sealed class ToolInvokingChatClient(IChatClient innerClient, ToolInvocationOptions limits) : DelegatingChatClient(innerClient)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var caller = new ToolCaller(options?.Tools ?? [], limits);
        var history = Approvals.Resolve(messages, out var decided);
        if (decided.Count > 0)
        {
            var results = await caller.RunAsync(decided, cancellationToken).ConfigureAwait(false);
            history.Add(results);
            yield return Update(results, responseId: null);
            options = AfterCalls(options);
        }

        for (var round = 0; ; round++)
        {
            var asked = round < limits.MaxRounds ? options : WithoutCalls(options);
            var updates = new List<ChatResponseUpdate>();
            var held = new List<ChatResponseUpdate>();
            await foreach (var update in base.GetStreamingResponseAsync(history, asked, cancellationToken).ConfigureAwait(false))
            {
                updates.Add(update);
                if (held.Count > 0 || (caller.AsksApproval && update.Contents.OfType<FunctionCallContent>().Any()))
                {
                    held.Add(update);
                }
                else
                {
                    yield return update;
                }
            }

            var response = updates.ToChatResponse();
            PendingCall[] calls = [.. response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>()
                .Where(c => !c.InformationalOnly).Select(c => new PendingCall(c))];
            var needsApproval = calls.Any(c => caller.RequiresApproval(c.Call.Name));
            foreach (var update in held)
            {
                yield return needsApproval ? Approvals.Request(update) : update;
            }

            if (calls.Length == 0 || needsApproval || round >= limits.MaxRounds || calls.Any(c => caller.IsOnlyDeclared(c.Call.Name)))
            {
                yield break;
            }

            var results = await caller.RunAsync(calls, cancellationToken).ConfigureAwait(false);
            yield return Update(results, response.ResponseId);
            options = AfterCalls(options);
            if (response.ConversationId is { } conversation)
            {
                // The service keeps the history.
                history = [results];
                options = options?.Clone() ?? new ChatOptions();
                options.ConversationId = conversation;
            }
            else
            {
                history = [.. history, .. response.Messages, results];
            }
        }
    }

    private static ChatResponseUpdate Update(ChatMessage results, string? responseId) => new(results.Role, results.Contents)
    {
        MessageId = results.MessageId,
        ResponseId = responseId,
    };

    /// <summary>A call that was required has been made: from now on the model is free to answer.</summary>
    private static ChatOptions? AfterCalls(ChatOptions? options) => options?.ToolMode is RequiredChatToolMode ? WithMode(options, null) : options;

    private static ChatOptions? WithoutCalls(ChatOptions? options) => options is null ? null : WithMode(options, ChatToolMode.None);

    private static ChatOptions WithMode(ChatOptions options, ChatToolMode? mode)
    {
        var changed = options.Clone();
        changed.ToolMode = mode;
        return changed;
    }
}
