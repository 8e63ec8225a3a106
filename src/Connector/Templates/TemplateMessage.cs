using System.Collections.Immutable;
using Connector.Templates.Jinja;

namespace Connector.Templates;

/// <summary>A message as templates know it.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>, or what the caller made up.</param>
/// <param name="Content">The text; it may hold text of ours, such as the markers of a call, beside the caller's.</param>
internal sealed record TemplateMessage(string Role, JinjaString Content)
{
    /// <summary>A message whose text is all data.</summary>
    public TemplateMessage(string role, string content)
        : this(role, JinjaString.Data(content))
    {
    }

    public const string System = "system";
    public const string User = "user";
    public const string Assistant = "assistant";
    public const string Tool = "tool";

    /// <summary>What the assistant thought before it answered, or null.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The calls that an assistant made.</summary>
    public ImmutableArray<TemplateCall> Calls { get; init; } = [];

    /// <summary>Which call a tool's message answers, or null.</summary>
    public string? CallId { get; init; }

    /// <summary>Which tool a tool's message is from, or null.</summary>
    public string? ToolName { get; init; }

    /// <summary>Whether a user's message is the written-out result of a tool.</summary>
    public bool IsResult { get; init; }

    public bool IsEmpty => !Content.IsTrue && Calls.IsEmpty && string.IsNullOrEmpty(Reasoning);
}

/// <summary>A call that stands in the conversation.</summary>
/// <param name="Id">What its result refers to.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">A JSON object.</param>
internal sealed record TemplateCall(string Id, string Name, string Arguments);
