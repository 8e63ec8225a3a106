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
        var turn = model.Format.Begin(Input(messages, options, settings));
        var prompt = turn.Prompt.Tokenize(vocabulary);
        if (prompt.Length == 0)
        {
            throw new ArgumentException("The chat template makes no tokens of these messages, so there is nothing to go on from.", nameof(messages));
        }

        var generation = new GenerationRequest
        {
            Prompt = prompt,
            Sampling = settings.ToSampling(defaults.FreshSeed()),
            MaxTokens = settings.MaxOutputTokens,
            Constraint = WithBudget(Constraint(turn, options, settings, vocabulary), turn, options, settings, vocabulary),
            StopSequences = [.. settings.StopSequences ?? []],
            Overflow = settings.Overflow ?? ContextOverflow.Error,
            Pace = settings.Pace,
        };
        return new ChatRequest(
            generation, turn, new StopMatcher(generation.StopSequences), settings.Completions ?? 1, options?.Reasoning?.Output == ReasoningOutput.None);
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
        if (settings.Grammar is not { } grammar)
        {
            return turn.Constraint(vocabulary, options?.ToolMode, options?.AllowMultipleToolCalls ?? true, schema);
        }

        return turn.Tools.IsEmpty && schema is null
            ? ConstraintCompiler.CompileGbnf(grammar, vocabulary)
            : throw new NotSupportedException($"{nameof(GenerationSettings.Grammar)} is not supported beside {nameof(options.Tools)} or a {nameof(options.ResponseFormat)}.");
    }

    private static ITokenConstraint? WithBudget(ITokenConstraint? answer, ChatTurn turn, ChatOptions? options, GenerationSettings settings, Vocabulary vocabulary)
    {
        // A grammar of the caller's own speaks for the whole answer.
        if (turn.Reasoning is not { } tags || settings.Grammar is not null)
        {
            return answer;
        }

        var budget = settings.ReasoningBudget ?? (turn.KnowsEfforts ? null : options?.Reasoning?.Effort switch
        {
            ReasoningEffort.Low => 512,
            ReasoningEffort.Medium => 2048,
            _ => null,
        });
        if (budget is not { } tokens)
        {
            return answer;
        }

        int[] Tokens(string text) => new ChatPrompt(JinjaString.Template(text)).TokenizeText(vocabulary);
        var closing = Tokens(ReasoningBudget.ClosingSentence + tags.Close);
        return new ReasoningBudget(vocabulary, tags, turn.StartsInReasoning, tokens, Tokens(tags.Close)[0], closing, answer);
    }
}
