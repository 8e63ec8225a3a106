using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connector.Templates;

/// <summary>What a prompt is made of.</summary>
internal sealed record ChatTemplateInput
{
    /// <summary>The conversation. May be empty.</summary>
    public required IEnumerable<ChatMessage> Messages { get; init; }

    /// <summary>A leading system message, before those of the conversation. Null (default): none.</summary>
    public string? Instructions { get; init; }

    /// <summary>The tools to tell the model about. Default: none.</summary>
    public IReadOnlyList<AIFunctionDeclaration> Tools { get; init; } = [];

    /// <summary>The JSON schema that the answer must fit, for the model to read. Null (default): none.</summary>
    public JsonElement? ResponseSchema { get; init; }

    /// <summary>Whether the model must answer with JSON, whatever its shape. Default: no.</summary>
    public bool RespondsWithJson { get; init; }

    /// <summary>How much the model is to think; <see cref="ReasoningEffort.None"/> turns thinking off. Null (default): the template's choice.</summary>
    public ReasoningEffort? Effort { get; init; }

    /// <summary>Whether the prompt ends with the opening of the assistant's turn. Default: yes.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Further variables for the template, which win over those made here. Default: none.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Variables { get; init; }
}
