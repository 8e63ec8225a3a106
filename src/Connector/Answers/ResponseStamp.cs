using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>What all updates of one message have in common.</summary>
internal sealed record ResponseStamp(string ResponseId, string MessageId, string ModelId, DateTimeOffset CreatedAt)
{
    /// <summary>An id that no other response or message has.</summary>
    public static string NewId(string prefix) => $"{prefix}-{Guid.NewGuid():N}";

    public ChatResponseUpdate Update(params IList<AIContent> contents) => new(ChatRole.Assistant, contents)
    {
        ResponseId = ResponseId,
        MessageId = MessageId,
        ModelId = ModelId,
        CreatedAt = CreatedAt,
    };
}
