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
            foreach (var round in Rounds(message.Contents))
            {
                Read(message.Role, round, names, result);
            }
        }

        return result.ToImmutable();
    }

    /// <summary>A service that calls tools itself puts calls, results and answer into one message: results after calls begin a round of their own.</summary>
    private static IEnumerable<IReadOnlyList<AIContent>> Rounds(IEnumerable<AIContent> contents)
    {
        var round = new List<AIContent>();
        foreach (var content in contents)
        {
            if (content is FunctionResultContent && round.Exists(c => c is FunctionCallContent))
            {
                yield return round;
                round = [];
            }

            round.Add(content);
        }

        yield return round;
    }

    private static void Read(ChatRole author, IReadOnlyList<AIContent> contents, Dictionary<string, string> names, ImmutableArray<TemplateMessage>.Builder result)
    {
        var text = new StringBuilder();
        var reasoning = new StringBuilder();
        var calls = ImmutableArray.CreateBuilder<TemplateCall>();
        var results = new List<FunctionResultContent>();
        foreach (var content in contents)
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
        var role = calls.Count > 0 ? TemplateMessage.Assistant : author.Value;
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
