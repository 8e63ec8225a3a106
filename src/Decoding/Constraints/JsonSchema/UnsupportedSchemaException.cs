namespace Connector.Decoding.Constraints;

/// <summary>A schema that cannot be compiled; the message names the keyword and where it stands.</summary>
public sealed class UnsupportedSchemaException : Exception
{
    /// <summary>Makes an exception without a message.</summary>
    public UnsupportedSchemaException()
    {
    }

    /// <summary>Makes an exception with a message that names no keyword.</summary>
    public UnsupportedSchemaException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause.</summary>
    public UnsupportedSchemaException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception for a keyword.</summary>
    /// <param name="jsonPointer">The JSON pointer of the schema object that holds the keyword; empty for the root.</param>
    /// <param name="keyword">The keyword.</param>
    /// <param name="reason">What is wrong with it.</param>
    public UnsupportedSchemaException(string jsonPointer, string keyword, string reason)
        : base($"The schema cannot be compiled: {keyword} at '#{jsonPointer}': {reason}")
    {
        Path = jsonPointer;
        Keyword = keyword;
    }

    /// <summary>The JSON pointer of the schema object at fault; empty for the root.</summary>
    public string Path { get; } = "";

    /// <summary>The keyword at fault; empty where none is.</summary>
    public string Keyword { get; } = "";
}
