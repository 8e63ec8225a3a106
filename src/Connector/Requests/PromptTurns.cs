using System.Collections.Immutable;
using Connector.Decoding;
using Connector.Templates;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>Where the turns of a prompt begin, so that the oldest can be dropped where the context is full.</summary>
internal static class PromptTurns
{
    /// <summary>
    /// The tokens at which a user's turns begin: as many as the messages before take by themselves. A turn whose beginning the template
    /// does not show that way, such as the first of a prompt without a system message, is left out, and so it stays with what is before it.
    /// </summary>
    /// <param name="format">How the prompt was made.</param>
    /// <param name="input">What it was made of.</param>
    /// <param name="prompt">Its tokens.</param>
    /// <param name="vocabulary">The model's tokens.</param>
    public static ImmutableArray<int> Find(ChatFormat format, ChatTemplateInput input, ReadOnlySpan<int> prompt, Vocabulary vocabulary)
    {
        var messages = input.Messages.ToList();
        var starts = ImmutableArray.CreateBuilder<int>();
        for (var i = 0; i < messages.Count; i++)
        {
            var hasBefore = i > 0 || !string.IsNullOrEmpty(input.Instructions);
            if (messages[i].Role == ChatRole.User && hasBefore
                && Before(format, input with { Messages = messages.Take(i), AddGenerationPrompt = false }, vocabulary) is { Length: > 0 } before
                && before.Length < prompt.Length && prompt.StartsWith(before)
                && (starts.Count == 0 || starts[^1] < before.Length))
            {
                starts.Add(before.Length);
            }
        }

        return starts.ToImmutable();
    }

    private static int[]? Before(ChatFormat format, ChatTemplateInput input, Vocabulary vocabulary)
    {
        try
        {
            return format.Begin(input).Prompt.Tokenize(vocabulary);
        }
        catch (ChatTemplateException)
        {
            // Some templates refuse a conversation without a user.
            return null;
        }
    }
}
