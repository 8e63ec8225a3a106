using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>Tool invocation for those who use no builder package.</summary>
public static class ToolInvocationExtensions
{
    /// <summary>
    /// A client that runs the functions that the model calls and hands it their results, until it answers without a
    /// call. Calls of one round run in parallel; an exception becomes a result that the model can react to; after the
    /// first round a required tool mode becomes automatic.
    /// </summary>
    /// <remarks>
    /// A call of an <see cref="ApprovalRequiredAIFunction"/> ends the response with a
    /// <see cref="ToolApprovalRequestContent"/> for every call of its round; the next request with the
    /// <see cref="ToolApprovalResponseContent"/>s goes on from there. A call of a tool that is only declared, not an
    /// <see cref="AIFunction"/>, ends the response too and is the caller's to run. As thread-safe as <paramref name="client"/>.
    /// </remarks>
    /// <param name="client">The client to ask; disposed with the result.</param>
    /// <param name="options">Limits. Null: the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="client"/> is null.</exception>
    public static IChatClient WithToolInvocation(this IChatClient client, ToolInvocationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        options ??= new ToolInvocationOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxRounds, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxParallelCalls, 1, nameof(options));
        return new ToolInvokingChatClient(client, options);
    }
}
