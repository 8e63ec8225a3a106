using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>A call to run.</summary>
/// <param name="Call">What the model asked for.</param>
/// <param name="Rejection">Why a person forbade it; null where nobody did.</param>
internal readonly record struct PendingCall(FunctionCallContent Call, string? Rejection = null);

/// <summary>Runs the calls of one round against the tools of a request.</summary>
internal sealed class ToolCaller
{
    private readonly Dictionary<string, AIFunctionDeclaration> _tools = new(StringComparer.Ordinal);
    private readonly ToolInvocationOptions _limits;

    public ToolCaller(IEnumerable<AITool> tools, ToolInvocationOptions limits)
    {
        _limits = limits;
        foreach (var tool in tools.OfType<AIFunctionDeclaration>())
        {
            _tools.TryAdd(tool.Name, tool);
        }

        AsksApproval = _tools.Keys.Any(RequiresApproval);
    }

    /// <summary>Whether any of the tools needs a person's approval.</summary>
    public bool AsksApproval { get; }

    public bool RequiresApproval(string name) =>
        _tools.TryGetValue(name, out var tool) && tool.GetService<ApprovalRequiredAIFunction>() is not null;

    /// <summary>Whether the tool is known but not ours to run.</summary>
    public bool IsOnlyDeclared(string name) => _tools.TryGetValue(name, out var tool) && tool is not AIFunction;

    /// <summary>Runs the calls and returns the tool message with their results, in the calls' order.</summary>
    public async Task<ChatMessage> RunAsync(IReadOnlyList<PendingCall> calls, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(Math.Min(_limits.MaxParallelCalls, calls.Count));
        var results = await Task.WhenAll(calls.Select(async call =>
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await RunAsync(call, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                slots.Release();
            }
        })).ConfigureAwait(false);
        return new ChatMessage(ChatRole.Tool, [.. results]) { MessageId = Guid.NewGuid().ToString("N") };
    }

    private async Task<AIContent> RunAsync(PendingCall pending, CancellationToken cancellationToken)
    {
        var call = pending.Call;
        if (pending.Rejection is { } reason)
        {
            return new FunctionResultContent(call.CallId, $"Error: the user did not allow this call. {reason}".TrimEnd());
        }

        if (!_tools.TryGetValue(call.Name, out var tool) || tool is not AIFunction function)
        {
            return new FunctionResultContent(call.CallId, $"Error: there is no function '{call.Name}'.");
        }

        if (call.Exception is { } malformed)
        {
            return Failed(call, malformed);
        }

        try
        {
            // Leaves this caller's thread, so that functions without an await of their own run in parallel too.
            await Task.Yield();
            var arguments = new AIFunctionArguments(call.Arguments, StringComparer.Ordinal) { Services = _limits.Services };
            return new FunctionResultContent(call.CallId, await function.InvokeAsync(arguments, cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            return Failed(call, e);
        }
    }

    private FunctionResultContent Failed(FunctionCallContent call, Exception error) =>
        new(call.CallId, _limits.TellsErrors ? $"Error: {error.Message}" : "Error: the call failed.") { Exception = error };
}
