using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Connector.Templates.Jinja;

namespace Connector.Templates;

/// <summary>
/// Says a conversation so that a template understands it: a system message becomes part of the first user's where
/// there is no system role, neighbours of one role are joined where roles must alternate, and so on. Nothing is lost.
/// </summary>
internal static class MessageNormalizer
{
    private const string ShortIdLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    public static ImmutableArray<TemplateMessage> Normalize(ImmutableArray<TemplateMessage> messages, TemplateTraits traits)
    {
        IEnumerable<TemplateMessage> result = MergeLeadingSystem(messages);
        if (!traits.HasLaterSystem)
        {
            result = result.Select((m, i) => i > 0 && m.Role == TemplateMessage.System ? m with { Role = TemplateMessage.User } : m);
        }

        if (!traits.HasSystemRole)
        {
            result = FoldSystem([.. result]);
        }

        if (traits.WantsShortIds)
        {
            result = result.Select(ShortenIds);
        }

        if (!traits.AllowsContentBesideReasoning)
        {
            result = result.SelectMany(SplitContent);
        }

        if (!traits.ShowsParallelCalls)
        {
            result = SplitCalls([.. result]);
        }

        if (!traits.AllowsUserAfterResult)
        {
            result = AnswerResults([.. result]);
        }

        if (!traits.AllowsConsecutiveRoles)
        {
            result = MergeNeighbours(result);
        }

        return [.. AddMissingUser([.. result], traits)];
    }

    /// <summary>An id of nine letters and digits that is a function of the given one.</summary>
    public static string ShortId(string id)
    {
        if (id.Length == 9 && id.All(char.IsAsciiLetterOrDigit))
        {
            return id;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        return string.Concat(hash.Take(9).Select(b => ShortIdLetters[b % ShortIdLetters.Length]));
    }

    private static IEnumerable<TemplateMessage> MergeLeadingSystem(ImmutableArray<TemplateMessage> messages)
    {
        var leading = messages.TakeWhile(m => m.Role == TemplateMessage.System).ToList();
        return leading.Count < 2
            ? messages
            : messages.Skip(leading.Count).Prepend(leading.Aggregate(Join));
    }

    private static TemplateMessage[] FoldSystem(TemplateMessage[] messages)
    {
        if (messages.Length == 0 || messages[0].Role != TemplateMessage.System)
        {
            return messages;
        }

        var system = messages[0] with { Role = TemplateMessage.User };
        return messages.Length > 1 && messages[1].Role == TemplateMessage.User
            ? [Join(system, messages[1]), .. messages[2..]]
            : [system, .. messages[1..]];
    }

    private static TemplateMessage ShortenIds(TemplateMessage message) => message with
    {
        CallId = message.CallId is { } id ? ShortId(id) : null,
        Calls = [.. message.Calls.Select(c => c with { Id = ShortId(c.Id) })],
    };

    private static IEnumerable<TemplateMessage> SplitContent(TemplateMessage message) =>
        message is { Calls.IsEmpty: false, Content.IsTrue: true, Reasoning.Length: > 0 }
            ? [message with { Calls = [], Reasoning = null }, message with { Content = JinjaString.Empty }]
            : [message];

    /// <summary>A message of several calls becomes one message per call, each followed by its own result.</summary>
    private static IEnumerable<TemplateMessage> SplitCalls(TemplateMessage[] messages)
    {
        var used = new HashSet<int>();
        for (var i = 0; i < messages.Length; i++)
        {
            if (used.Contains(i))
            {
                continue;
            }

            var message = messages[i];
            if (message.Calls.Length < 2)
            {
                yield return message;
                continue;
            }

            for (var c = 0; c < message.Calls.Length; c++)
            {
                var call = message.Calls[c];
                yield return (c == 0 ? message : message with { Content = JinjaString.Empty, Reasoning = null }) with { Calls = [call] };
                for (var r = i + 1; r < messages.Length && messages[r].Role == TemplateMessage.Tool; r++)
                {
                    if (messages[r].CallId == call.Id && used.Add(r))
                    {
                        yield return messages[r];
                    }
                }
            }
        }
    }

    /// <summary>Between a result and the user's next word the assistant says a blank, where it must say something.</summary>
    private static IEnumerable<TemplateMessage> AnswerResults(TemplateMessage[] messages) => messages.SelectMany((message, i) =>
        i > 0 && message.Role == TemplateMessage.User && messages[i - 1].Role == TemplateMessage.Tool
            ? new[] { new TemplateMessage(TemplateMessage.Assistant, " "), message }
            : [message]);

    private static IEnumerable<TemplateMessage> MergeNeighbours(IEnumerable<TemplateMessage> messages)
    {
        TemplateMessage? open = null;
        foreach (var message in messages)
        {
            var joins = open is { Calls.IsEmpty: true } && open.Role == message.Role
                && message.Role is TemplateMessage.User or TemplateMessage.Assistant or TemplateMessage.System;
            if (open is not null && !joins)
            {
                yield return open;
            }

            open = joins ? Join(open!, message) : message;
        }

        if (open is not null)
        {
            yield return open;
        }
    }

    private static TemplateMessage[] AddMissingUser(TemplateMessage[] messages, TemplateTraits traits)
    {
        var nobody = new TemplateMessage(TemplateMessage.User, "");
        var first = messages.Length > 0 && messages[0].Role == TemplateMessage.System ? 1 : 0;
        if (messages.Length == 0 || (!traits.AllowsNoUser && messages.All(m => m.Role != TemplateMessage.User)))
        {
            return [.. messages[..first], nobody, .. messages[first..]];
        }

        return !traits.AllowsAssistantFirst && first < messages.Length && messages[first].Role != TemplateMessage.User
            ? [.. messages[..first], nobody, .. messages[first..]]
            : messages;
    }

    private static TemplateMessage Join(TemplateMessage first, TemplateMessage second) => second with
    {
        Role = first.Role == TemplateMessage.System ? first.Role : second.Role,
        Content = first.Content.IsTrue && second.Content.IsTrue
            ? JinjaString.Join(first.Content, JinjaString.Data("\n\n"), second.Content)
            : JinjaString.Join(first.Content, second.Content),
        Reasoning = first.Reasoning is null || second.Reasoning is null ? first.Reasoning ?? second.Reasoning : first.Reasoning + "\n\n" + second.Reasoning,
    };
}
