using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Conversations;

/// <summary>A call that is the right answer.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">Its arguments: a JSON object.</param>
internal sealed record RightCall(string Name, JsonElement Arguments);

/// <summary>A conversation, the tools it may call, and the answer where it is known.</summary>
/// <param name="Id">Names the conversation in reports.</param>
/// <param name="Category">The kind of conversation.</param>
/// <param name="Messages">What was said so far.</param>
/// <param name="Tools">The tools that are offered.</param>
/// <param name="Calls">The right calls; empty where none is known.</param>
/// <param name="IsValid">Whether the right calls fit the schemas of their tools.</param>
internal sealed record ToolConversation(
    string Id,
    string Category,
    IReadOnlyList<ChatMessage> Messages,
    IReadOnlyList<AIFunctionDeclaration> Tools,
    IReadOnlyList<RightCall> Calls,
    bool IsValid);
