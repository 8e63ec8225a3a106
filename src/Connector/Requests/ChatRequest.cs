using Connector.Decoding.Engine;
using Connector.Decoding.Text;
using Connector.Templates;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>A conversation with its options, ready for the engine. Immutable.</summary>
/// <param name="Generation">What to generate.</param>
/// <param name="Stops">The stop sequences, compiled, for the text.</param>
/// <param name="Completions">How many answers are wanted.</param>
internal sealed record ChatRequest(GenerationRequest Generation, StopMatcher Stops, int Completions)
{
    /// <summary>Maps messages and options to what the engine is asked.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or the prompt is empty.</exception>
    /// <exception cref="NotSupportedException">An option, or a message's content, is not supported.</exception>
    /// <exception cref="ChatTemplateException">The model's template refuses the conversation.</exception>
    public static ChatRequest Create(
        ChatModel model, IReadOnlyList<ChatMessage> messages, ChatOptions? options, IChatClient client, LocalChatClientOptions defaults)
    {
        UnsupportedOptions.ThrowIfAny(options);
        var settings = ChatOptionsReader.Settings(options, client).Or(defaults.Defaults).Or(GenerationSettings.BuiltIn);
        var vocabulary = model.Language.Vocabulary;
        GenerationSettings.ThrowIfFaulty(settings, vocabulary.Count);
        var prompt = model.Template(hasTools: false)
            .Render(new ChatTemplateInput { Messages = messages, Instructions = options?.Instructions })
            .Tokenize(vocabulary);
        if (prompt.Length == 0)
        {
            throw new ArgumentException("The chat template makes no tokens of these messages, so there is nothing to go on from.", nameof(messages));
        }

        var generation = new GenerationRequest
        {
            Prompt = prompt,
            Sampling = settings.ToSampling(defaults.FreshSeed()),
            MaxTokens = settings.MaxOutputTokens,
            StopSequences = [.. settings.StopSequences ?? []],
            Overflow = settings.Overflow ?? ContextOverflow.Error,
            Pace = settings.Pace,
        };
        return new ChatRequest(generation, new StopMatcher(generation.StopSequences), settings.Completions ?? 1);
    }
}
