using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>Requests for a person's approval, and the answers to them in a history.</summary>
internal static class Approvals
{
    /// <summary>The update with every call turned into a request for approval.</summary>
    public static ChatResponseUpdate Request(ChatResponseUpdate update)
    {
        var asking = update.Clone();
        asking.Contents = [.. update.Contents.Select(c => c is FunctionCallContent { InformationalOnly: false } call ? new ToolApprovalRequestContent(call.CallId, call) : c)];
        return asking;
    }

    /// <summary>
    /// The history as the model should see it: a request that was answered is a call again, the answers are gone, and
    /// the calls that were decided now stand in <paramref name="decided"/>. Requests without an answer are left out.
    /// </summary>
    public static List<ChatMessage> Resolve(IEnumerable<ChatMessage> messages, out List<PendingCall> decided)
    {
        List<ChatMessage> history = [.. messages];
        var answers = new Dictionary<string, ToolApprovalResponseContent>(StringComparer.Ordinal);
        foreach (var answer in history.SelectMany(m => m.Contents).OfType<ToolApprovalResponseContent>())
        {
            answers[answer.RequestId] = answer;
        }

        var done = history.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Select(r => r.CallId).ToHashSet(StringComparer.Ordinal);
        var calls = new List<PendingCall>();
        for (var i = 0; i < history.Count; i++)
        {
            if (!history[i].Contents.Any(c => c is ToolApprovalRequestContent or ToolApprovalResponseContent))
            {
                continue;
            }

            history[i] = history[i].Clone();
            history[i].Contents = [.. history[i].Contents.SelectMany(c => Resolve(c, answers, done, calls))];
        }

        history.RemoveAll(m => m.Contents.Count == 0);
        decided = calls;
        return history;
    }

    private static IEnumerable<AIContent> Resolve(
        AIContent content, Dictionary<string, ToolApprovalResponseContent> answers, HashSet<string> done, List<PendingCall> calls)
    {
        if (content is ToolApprovalRequestContent request)
        {
            if (!answers.TryGetValue(request.RequestId, out var answer) || request.ToolCall is not FunctionCallContent call)
            {
                return [];
            }

            if (!done.Contains(call.CallId))
            {
                calls.Add(new PendingCall(call, answer.Approved ? null : answer.Reason ?? ""));
            }

            return [call];
        }

        return content is ToolApprovalResponseContent ? [] : [content];
    }
}
