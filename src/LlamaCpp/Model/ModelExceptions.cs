namespace Connector.LlamaCpp;

/// <summary>A file is no GGUF file, is damaged, or ends too early; the message says where.</summary>
public sealed class InvalidGgufException : Exception
{
    /// <inheritdoc/>
    public InvalidGgufException() { }

    /// <inheritdoc/>
    public InvalidGgufException(string message) : base(message) { }

    /// <inheritdoc/>
    public InvalidGgufException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A model file is sound, but llama.cpp cannot run what it holds, such as an unknown architecture.</summary>
public sealed class UnsupportedModelException : Exception
{
    /// <inheritdoc/>
    public UnsupportedModelException() { }

    /// <inheritdoc/>
    public UnsupportedModelException(string message) : base(message) { }

    /// <inheritdoc/>
    public UnsupportedModelException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A model or a context does not fit into memory; the message says how much was needed.</summary>
public sealed class ModelMemoryException : Exception
{
    /// <inheritdoc/>
    public ModelMemoryException() { }

    /// <inheritdoc/>
    public ModelMemoryException(string message) : base(message) { }

    /// <inheritdoc/>
    public ModelMemoryException(string message, Exception innerException) : base(message, innerException) { }
}
