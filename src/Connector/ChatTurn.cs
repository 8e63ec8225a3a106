using System.Collections.Immutable;
using System.Text.Json;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Reasoning;
using Connector.Templates;
using Connector.Tools;
using Connector.Tools.Constraints;
using Connector.Tools.Formats;
using Connector.Tools.Parsing;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>One request: its prompt, and how its answer is constrained and read. Immutable and thread-safe.</summary>
internal sealed record ChatTurn
{
    /// <summary>Where constraints come from.</summary>
    public required AnswerConstraints Constraints { get; init; }

    /// <summary>The prompt.</summary>
    public required ChatPrompt Prompt { get; init; }

    /// <summary>How calls are written.</summary>
    public required ToolFormat Format { get; init; }

    /// <summary>The tools that are offered.</summary>
    public required ImmutableArray<ToolSignature> Tools { get; init; }

    /// <summary>What stands around the model's thoughts, or null.</summary>
    public required ReasoningTags? Reasoning { get; init; }

    /// <summary>Whether the prompt ends inside the thoughts.</summary>
    public required bool StartsInReasoning { get; init; }

    /// <summary>Whether the template tells the model how much to think.</summary>
    public required bool KnowsEfforts { get; init; }

    /// <summary>The ids of the calls in the conversation.</summary>
    public required ImmutableArray<string> CallIds { get; init; }

    /// <summary>Whether all of the answer is text, whatever the model's family would mark in it.</summary>
    public bool IsText { get; init; }

    /// <summary>Whether the answer holds markup beside its text.</summary>
    public bool HasMarkup => !IsText && (Format is HarmonyFormat || !Tools.IsEmpty || Reasoning is not null);

    /// <summary>
    /// A reader of the answer. It takes the text with control tokens written (<see cref="Vocabulary.Decode"/>), except
    /// the one that ended the generation.
    /// </summary>
    /// <param name="random">Draws the ids of calls.</param>
    public IOutputSplitter CreateSplitter(Random random)
    {
        if (!HasMarkup)
        {
            return new TextSplitter();
        }

        var contents = new CallContents(new CallIds(Format.IdStyle, CallIds, random));
        if (Format is HarmonyFormat)
        {
            return new HarmonySplitter(contents);
        }

        IOutputSplitter answer = Tools.IsEmpty
            ? new TextSplitter()
            : new ToolCallSplitter(Format, Tools.DistinctBy(t => t.Name, StringComparer.Ordinal).ToDictionary(t => t.Name, StringComparer.Ordinal), contents);
        return Reasoning is null ? answer : new ReasoningSplitter(Reasoning, StartsInReasoning, answer);
    }

    /// <summary>The constraint of the answer, or null where nothing is to be constrained.</summary>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="mode">Whether there may or must be calls; null: may.</param>
    /// <param name="allowsSeveralCalls">Whether there may be more than one.</param>
    /// <param name="responseSchema">The schema of an answer that is no call, or null.</param>
    /// <exception cref="ArgumentException">A tool is required that is not offered.</exception>
    /// <exception cref="NotSupportedException">A schema cannot be enforced at all.</exception>
    public CompiledConstraint? Constraint(Vocabulary vocabulary, ChatToolMode? mode, bool allowsSeveralCalls = true, JsonElement? responseSchema = null)
    {
        var rules = new AnswerRules
        {
            Format = Format,
            Tools = Tools,
            Mode = mode,
            AllowsSeveralCalls = allowsSeveralCalls,
            ResponseSchema = responseSchema,
            Reasoning = Reasoning,
            StartsInReasoning = StartsInReasoning,
        };
        return AnswerGrammar.IsNeeded(rules) || mode is RequiredChatToolMode ? Constraints.Get(rules, vocabulary) : null;
    }
}
