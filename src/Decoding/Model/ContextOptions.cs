namespace Connector.Decoding;

/// <summary>What a context is made for. Implementations may derive from it to add options of their own.</summary>
public record ContextOptions
{
    /// <summary>Tokens that all sequences of the context can hold together. Null (default): the implementation's choice.</summary>
    public int? Capacity { get; init; }

    /// <summary>Sequence ids that may be in use at once, from 0 to this number less one. Default 1.</summary>
    public int MaxSequences { get; init; } = 1;

    /// <summary>The most tokens of one <see cref="IModelContext.Evaluate"/>. Default 512.</summary>
    public int MaxBatchTokens { get; init; } = 512;

    /// <summary>The most rows of one batch whose logits are asked for. Default 64.</summary>
    public int MaxOutputs { get; init; } = 64;

    /// <summary>
    /// Whether the logits of a token must not depend, to the last bit, on what else is in its batch. Off by default;
    /// costs some speed at long context. A context whose kernels cannot do that is refused when it is made.
    /// </summary>
    public bool ExactMode { get; init; }
}
