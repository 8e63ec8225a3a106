namespace Connector.Templates;

/// <summary>
/// What a template can be told, found by rendering small conversations with it (<see cref="TemplateProbe"/>). What it
/// cannot, <see cref="MessageNormalizer"/> says in another way.
/// </summary>
internal sealed record TemplateTraits
{
    /// <summary>Whether a leading system message is shown.</summary>
    public bool HasSystemRole { get; init; } = true;

    /// <summary>Whether system messages may stand later in the conversation.</summary>
    public bool HasLaterSystem { get; init; } = true;

    /// <summary>Whether two messages of one role may follow one another.</summary>
    public bool AllowsConsecutiveRoles { get; init; } = true;

    /// <summary>Whether a conversation may begin with the assistant.</summary>
    public bool AllowsAssistantFirst { get; init; } = true;

    /// <summary>Whether a conversation may go without a user's message.</summary>
    public bool AllowsNoUser { get; init; } = true;

    /// <summary>Whether the template tells the model about tools.</summary>
    public bool ShowsTools { get; init; }

    /// <summary>Whether the template writes the calls of an assistant's message, and the results of tools.</summary>
    public bool ShowsCalls { get; init; }

    /// <summary>Whether the user may speak right after a tool's result.</summary>
    public bool AllowsUserAfterResult { get; init; } = true;

    /// <summary>Whether it writes all calls of a message, or one alone.</summary>
    public bool ShowsParallelCalls { get; init; }

    /// <summary>Whether arguments are handed over as JSON text instead of a mapping.</summary>
    public bool ArgumentsAreText { get; init; }

    /// <summary>Whether content is a list of parts instead of a string.</summary>
    public bool ContentIsList { get; init; }

    /// <summary>Whether call ids must be nine letters and digits (Mistral).</summary>
    public bool WantsShortIds { get; init; }

    /// <summary>Whether an assistant's message may have both content and reasoning beside calls.</summary>
    public bool AllowsContentBesideReasoning { get; init; } = true;

    /// <summary>What the template calls the reasoning of a message.</summary>
    public string ReasoningField { get; init; } = "reasoning_content";
}
