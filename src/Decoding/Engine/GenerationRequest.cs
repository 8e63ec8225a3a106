using System.Collections.Immutable;
using Connector.Decoding.Constraints;
using Connector.Decoding.Sampling;

namespace Connector.Decoding.Engine;

/// <summary>What to generate: a prompt and how to go on from it.</summary>
public sealed record GenerationRequest
{
    /// <summary>The prompt's tokens, at least one.</summary>
    public required ReadOnlyMemory<int> Prompt { get; init; }

    /// <summary>How tokens are chosen. Default: the model's own distribution with seed 0.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>The most tokens to generate. Null (default): until the context is full.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Which tokens may follow. Null (default): all.</summary>
    public ITokenConstraint? Constraint { get; init; }

    /// <summary>Generation ends once the text of the generated tokens holds one of these. Default: none.</summary>
    public ImmutableArray<string> StopSequences { get; init; } = [];
}
