using System.Text.Json;
using Connector.Samples.Agent.Tools;
using Microsoft.Extensions.AI;

namespace Connector.Samples.Agent.View;

/// <summary>A call that was seen, and its result where it has one.</summary>
/// <param name="Id">The call's identifier, which its result names.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">The arguments, as JSON.</param>
/// <param name="Result">What the tool said, in words or as JSON; null while it runs.</param>
/// <param name="Elapsed">The time from the call to its result.</param>
internal sealed record ToolCallEntry(string Id, string Name, string Arguments, string? Result, TimeSpan Elapsed);

/// <summary>The calls of one answer, in order, and what became of them.</summary>
internal sealed class ToolCallLog(TimeProvider time)
{
    private readonly List<ToolCallEntry> _entries = [];
    private readonly Dictionary<string, long> _starts = new(StringComparer.Ordinal);

    /// <summary>All calls so far.</summary>
    public IReadOnlyList<ToolCallEntry> Entries => _entries;

    /// <summary>Takes note of a call or a result and returns its entry; null for other contents, and for a result of no known call.</summary>
    public ToolCallEntry? Add(AIContent content)
    {
        switch (content)
        {
            case FunctionCallContent call:
                _starts[call.CallId] = time.GetTimestamp();
                _entries.Add(new ToolCallEntry(call.CallId, call.Name, Arguments(call), null, TimeSpan.Zero));
                return _entries[^1];
            case FunctionResultContent result when _entries.FindIndex(e => e.Id == result.CallId) is >= 0 and var index:
                return _entries[index] = _entries[index] with { Result = Words(result.Result), Elapsed = time.GetElapsedTime(_starts[result.CallId]) };
            default:
                return null;
        }
    }

    private static string Arguments(FunctionCallContent call) => call.Exception is { } broken
        ? $"(unreadable: {broken.Message})"
        : JsonSerializer.Serialize(call.Arguments, ToolJson.Options);

    private static string Words(object? result) => result switch
    {
        null => "(nothing)",
        string text => text,
        TextContent content => content.Text,
        _ => JsonSerializer.Serialize(result, ToolJson.Options),
    };
}
