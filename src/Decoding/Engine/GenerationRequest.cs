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

    /// <summary>What happens when the context is full. Default: an error, or the end of the answer.</summary>
    public ContextOverflow Overflow { get; init; }

    /// <summary>
    /// Where the prompt's turns begin, ascending, for <see cref="ContextOverflow.DropOldestTurns"/>: what stands before the first, such as the
    /// system prompt, is never dropped, nor is the last turn. Default: none.
    /// </summary>
    public ImmutableArray<int> TurnStarts { get; init; } = [];

    /// <summary>Tokens at the start that a <see cref="ContextOverflow.StreamingWindow"/> keeps. Default 4, as Xiao et al. (2023) found enough.</summary>
    public int AttentionSinks { get; init; } = 4;

    /// <summary>
    /// How many tokens per second the reader can use, such as reading speed. While others wait for a slot, a request more than two seconds ahead
    /// of its reader gives its slot away until the reader has caught up (Andes, Liu et al. 2024). Null (default): as fast as possible.
    /// </summary>
    public double? Pace { get; init; }
}
