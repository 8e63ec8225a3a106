using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Decoding;
using Connector.Decoding.Constraints;

namespace Connector.Benchmarks.ToolCalling.Families;

/// <summary>How one family of models is told about tools, writes calls and is constrained to them.</summary>
internal interface IToolFamily
{
    /// <summary>The family's name.</summary>
    string Name { get; }

    /// <summary>The prompt, up to where the model answers.</summary>
    string Prompt(ToolConversation conversation);

    /// <summary>What an answer with a call, and nothing else, looks like to this family.</summary>
    ITokenConstraint Constrain(ToolConversation conversation, Vocabulary vocabulary);

    /// <summary>An answer with these calls.</summary>
    string Write(IReadOnlyList<RightCall> calls);
}
