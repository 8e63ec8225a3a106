namespace Connector.Decoding.Engine;

/// <summary>What happens when a request's context is full.</summary>
public enum ContextOverflow
{
    /// <summary>
    /// A longer prompt is a <see cref="PromptTooLongException"/>, and an answer ends with <see cref="FinishReason.ContextFull"/>.
    /// </summary>
    Error,

    /// <summary>
    /// The oldest turns (<see cref="GenerationRequest.TurnStarts"/>) are dropped until a quarter of the context is free, what stands before the
    /// first turn is kept, and the rest is evaluated again. Where no turn is left to drop, as <see cref="Error"/>.
    /// </summary>
    DropOldestTurns,

    /// <summary>
    /// Attention sinks and a rolling window (StreamingLLM, Xiao et al. 2023): the first
    /// <see cref="GenerationRequest.AttentionSinks"/> tokens stay, the oldest quarter of the others is forgotten and the rest moves up.
    /// Needs <see cref="MemoryCapabilities.Shift"/> and <see cref="MemoryCapabilities.Rewind"/>.
    /// </summary>
    StreamingWindow,
}
