namespace Connector.Decoding.Engine;

/// <summary>The engine's queue is full: try again later.</summary>
public sealed class EngineBusyException : Exception
{
    /// <inheritdoc/>
    public EngineBusyException() { }

    /// <inheritdoc/>
    public EngineBusyException(string message) : base(message) { }

    /// <inheritdoc/>
    public EngineBusyException(string message, Exception innerException) : base(message, innerException) { }

    internal EngineBusyException(int queueLength)
        : base($"The engine is busy: {queueLength} requests are waiting already, and no more may.") => QueueLength = queueLength;

    /// <summary>Requests that were waiting.</summary>
    public int QueueLength { get; }
}

/// <summary>A prompt does not fit the context.</summary>
public sealed class PromptTooLongException : Exception
{
    /// <inheritdoc/>
    public PromptTooLongException() { }

    /// <inheritdoc/>
    public PromptTooLongException(string message) : base(message) { }

    /// <inheritdoc/>
    public PromptTooLongException(string message, Exception innerException) : base(message, innerException) { }

    internal PromptTooLongException(int promptTokens, int contextTokens)
        : base($"The prompt has {promptTokens} tokens, but a context holds {contextTokens}.") =>
        (PromptTokens, ContextTokens) = (promptTokens, contextTokens);

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; }

    /// <summary>Tokens that the context of a request can hold.</summary>
    public int ContextTokens { get; }
}
