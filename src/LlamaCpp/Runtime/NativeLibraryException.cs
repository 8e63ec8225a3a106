namespace Connector.LlamaCpp;

/// <summary>What is wrong with llama.cpp's shared libraries.</summary>
public enum NativeLibraryProblem
{
    /// <summary>They were not found or could not be loaded.</summary>
    Missing,

    /// <summary>They are of another release than this assembly was written for.</summary>
    WrongVersion,

    /// <summary>None of the CPU backends runs on this processor.</summary>
    UnsupportedProcessor,
}

/// <summary>llama.cpp's shared libraries cannot be used; the message says what was looked at and what to do.</summary>
public sealed class NativeLibraryException : Exception
{
    /// <inheritdoc/>
    public NativeLibraryException() { }

    /// <inheritdoc/>
    public NativeLibraryException(string message) : base(message) { }

    /// <inheritdoc/>
    public NativeLibraryException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>Makes the exception for a problem.</summary>
    public NativeLibraryException(NativeLibraryProblem problem, string message, Exception? innerException = null) : base(message, innerException) =>
        Problem = problem;

    /// <summary>What is wrong.</summary>
    public NativeLibraryProblem Problem { get; }
}
