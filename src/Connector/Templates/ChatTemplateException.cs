namespace Connector.Templates;

/// <summary>A chat template cannot be parsed, or raised an error while it rendered a conversation.</summary>
public sealed class ChatTemplateException : Exception
{
    /// <summary>Makes an exception for a place in a template.</summary>
    /// <param name="message">What is wrong, without the place.</param>
    /// <param name="line">The line in the template, from 1.</param>
    /// <param name="column">The column in that line, from 1.</param>
    /// <param name="innerException">What caused it, if anything.</param>
    public ChatTemplateException(string message, int line, int column, Exception? innerException = null)
        : base($"{message} (chat template, line {line}, column {column})", innerException)
    {
        Line = line;
        Column = column;
    }

    /// <summary>The line in the template, from 1.</summary>
    public int Line { get; }

    /// <summary>The column in that line, from 1.</summary>
    public int Column { get; }
}
