using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connector.Templates;

/// <summary>
/// Turns <see cref="ChatMessage"/>s into what templates know: one message per role and turn, one per tool result. What
/// no template has a word for is dropped; an image is an error.
/// </summary>
internal static class MessageReader
{
    public static ImmutableArray<TemplateMessage> Read(string? instructions, IEnumerable<ChatMessage> messages)
    {
        var result = ImmutableArray.CreateBuilder<TemplateMessage>();
        if (!string.IsNullOrEmpty(instructions))
        {
            result.Add(new TemplateMessage(TemplateMessage.System, instructions));
        }

        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            Read(message, names, result);
        }

        return result.ToImmutable();
    }

    private static void Read(ChatMessage message, Dictionary<string, string> names, ImmutableArray<TemplateMessage>.Builder result)
    {
        var text = new StringBuilder();
        var reasoning = new StringBuilder();
        var calls = ImmutableArray.CreateBuilder<TemplateCall>();
        var results = new List<FunctionResultContent>();
        foreach (var content in message.Contents)
        {
            switch (content)
            {
                case TextContent t:
                    text.Append(t.Text);
                    break;
                case TextReasoningContent r:
                    reasoning.Append(r.Text);
                    break;
                case FunctionCallContent c:
                    names[c.CallId] = c.Name;
                    calls.Add(new TemplateCall(c.CallId, c.Name, ContentJson.Arguments(c)));
                    break;
                case FunctionResultContent r:
                    results.Add(r);
                    break;
                default:
                    ThrowIfMedia(content);
                    break;
            }
        }

        result.AddRange(results.Select(r => new TemplateMessage(TemplateMessage.Tool, ContentJson.Result(r))
        {
            CallId = r.CallId,
            ToolName = names.GetValueOrDefault(r.CallId),
        }));
        var role = calls.Count > 0 ? TemplateMessage.Assistant : message.Role.Value;
        var read = new TemplateMessage(role, text.ToString())
        {
            Reasoning = reasoning.Length > 0 ? reasoning.ToString() : null,
            Calls = calls.ToImmutable(),
        };

        // A tool's message is its results; an assistant's that held nothing we know would be a turn without content.
        if (read.IsEmpty && (results.Count > 0 || role is TemplateMessage.Assistant or TemplateMessage.Tool))
        {
            return;
        }

        result.Add(role == TemplateMessage.Tool && results.Count > 0 ? read with { Role = TemplateMessage.User } : read);
    }

    private static void ThrowIfMedia(AIContent content)
    {
        var type = content switch
        {
            DataContent data => data.MediaType,
            UriContent uri => uri.MediaType,
            _ => "",
        };
        if (type.Split('/')[0] is "image" or "audio" or "video")
        {
            throw new NotSupportedException($"The model reads text only, but a message holds content of type '{type}'.");
        }
    }
}
