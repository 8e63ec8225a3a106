namespace Connector.Decoding;

/// <summary>The KV cache has no room for a batch.</summary>
public sealed class OutOfContextException : Exception
{
    /// <inheritdoc/>
    public OutOfContextException() { }

    /// <inheritdoc/>
    public OutOfContextException(string message) : base(message) { }

    /// <inheritdoc/>
    public OutOfContextException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>The model failed to evaluate a batch; the message carries the cause in words.</summary>
public sealed class ModelEvaluationException : Exception
{
    /// <inheritdoc/>
    public ModelEvaluationException() { }

    /// <inheritdoc/>
    public ModelEvaluationException(string message) : base(message) { }

    /// <inheritdoc/>
    public ModelEvaluationException(string message, Exception innerException) : base(message, innerException) { }
}
