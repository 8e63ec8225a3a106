using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Families;

/// <summary>How one family of models is told about tools, writes calls and is constrained to them.</summary>
internal interface IToolFamily
{
    /// <summary>The family's name.</summary>
    string Name { get; }

    /// <summary>Renders the prompt of a conversation that must be answered with calls.</summary>
    IFamilyTurn Begin(ToolConversation conversation);
}

/// <summary>A conversation in a family's format, up to where the model answers.</summary>
internal interface IFamilyTurn
{
    /// <summary>What an answer with calls, and nothing else, looks like.</summary>
    ITokenConstraint Constrain(Vocabulary vocabulary);

    /// <summary>The most calls of one answer: more are the next answer's.</summary>
    int MostCalls => int.MaxValue;

    /// <summary>An answer with these calls, as the model's tokens.</summary>
    int[] Write(IReadOnlyList<RightCall> calls, Vocabulary vocabulary);

    /// <summary>The calls that are read from an answer; null where there is nothing to read with.</summary>
    IReadOnlyList<FunctionCallContent>? Read(ReadOnlySpan<int> answer, Vocabulary vocabulary);
}
