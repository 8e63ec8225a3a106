using System.Text.Json;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Decoding.Engine;
using Connector.Decoding.Text;
using Connector.Reasoning;
using Connector.Templates;
using Connector.Templates.Jinja;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>A conversation with its options, ready for the engine. Immutable.</summary>
/// <param name="Generation">What to generate.</param>
/// <param name="Turn">How the answer is read.</param>
/// <param name="Stops">The stop sequences, compiled, for the text.</param>
/// <param name="Completions">How many answers are wanted.</param>
/// <param name="HidesReasoning">Whether thoughts are counted but not shown.</param>
internal sealed record ChatRequest(GenerationRequest Generation, ChatTurn Turn, StopMatcher Stops, int Completions, bool HidesReasoning)
{
    private static readonly JsonElement s_anyObject = JsonElement.Parse("""{"type":"object"}""");

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
        var input = Input(messages, options, settings);
        var turn = model.Format.Begin(input);
        if (!string.IsNullOrEmpty(settings.Grammar))
        {
            // A grammar of the caller's own speaks for the whole answer, thoughts and calls included.
            turn = turn with { IsText = true, Reasoning = null, StartsInReasoning = false };
        }

        var prompt = turn.Prompt.Tokenize(vocabulary);
        if (prompt.Length == 0)
        {
            throw new ArgumentException("The chat template makes no tokens of these messages, so there is nothing to go on from.", nameof(messages));
        }

        string[] stops = [.. settings.StopSequences ?? []];
        var generation = new GenerationRequest
        {
            Prompt = prompt,
            Sampling = settings.ToSampling(defaults.FreshSeed()),
            MaxTokens = settings.MaxOutputTokens is GenerationSettings.Unlimited ? null : settings.MaxOutputTokens,
            Constraint = WithBudget(Constraint(turn, options, settings, vocabulary), turn, options, settings, vocabulary),
            // Within markup, only the reader knows what is text.
            StopSequences = turn.HasMarkup ? [] : [.. stops],
            Overflow = settings.Overflow ?? ContextOverflow.Error,
            TurnStarts = settings.Overflow == ContextOverflow.DropOldestTurns ? PromptTurns.Find(model.Format, input, prompt, vocabulary) : [],
            Pace = settings.Pace,
        };
        return new ChatRequest(
            generation, turn, new StopMatcher(stops), settings.Completions ?? 1, options?.Reasoning?.Output == ReasoningOutput.None);
    }

    private static ChatTemplateInput Input(IReadOnlyList<ChatMessage> messages, ChatOptions? options, GenerationSettings settings)
    {
        var json = options?.ResponseFormat as ChatResponseFormatJson;
        return new ChatTemplateInput
        {
            Messages = messages,
            Instructions = options?.Instructions,
            // Tools that a service would host are not ours to call, and the model is not told of them.
            Tools = [.. (options?.Tools ?? []).OfType<AIFunctionDeclaration>()],
            ResponseSchema = json?.Schema,
            RespondsWithJson = json is not null,
            Effort = options?.Reasoning?.Effort,
            Variables = settings.TemplateVariables,
        };
    }

    private static CompiledConstraint? Constraint(ChatTurn turn, ChatOptions? options, GenerationSettings settings, Vocabulary vocabulary)
    {
        var schema = options?.ResponseFormat is ChatResponseFormatJson json ? json.Schema ?? s_anyObject : (JsonElement?)null;
        if (settings.Grammar is not { Length: > 0 } grammar)
        {
            return turn.Constraint(vocabulary, options?.ToolMode, options?.AllowMultipleToolCalls ?? true, schema);
        }

        return turn.Tools.IsEmpty && schema is null
            ? turn.Constraints.Get(grammar, vocabulary)
            : throw new NotSupportedException($"{nameof(GenerationSettings.Grammar)} is not supported beside {nameof(options.Tools)} or a {nameof(options.ResponseFormat)}.");
    }

    private static ITokenConstraint? WithBudget(ITokenConstraint? answer, ChatTurn turn, ChatOptions? options, GenerationSettings settings, Vocabulary vocabulary)
    {
        if (turn.Reasoning is not { } tags)
        {
            return answer;
        }

        var budget = settings.ReasoningBudget ?? (turn.KnowsEfforts ? null : options?.Reasoning?.Effort switch
        {
            ReasoningEffort.Low => 512,
            ReasoningEffort.Medium => 2048,
            _ => null,
        });
        if (budget is not { } tokens || tokens == GenerationSettings.Unlimited)
        {
            return answer;
        }

        int[] Tokens(string text) => new ChatPrompt(JinjaString.Template(text)).TokenizeText(vocabulary);
        var closing = Tokens(ReasoningBudget.ClosingSentence + tags.Close);
        return new ReasoningBudget(vocabulary, tags, turn.StartsInReasoning, tokens, Tokens(tags.Close)[0], closing, answer);
    }
}
