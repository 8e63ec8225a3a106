namespace Connector.Decoding.Constraints;

/// <summary>
/// A constraint ran out of its <see cref="ConstraintLimits"/>: it is too large or too ambiguous to compile, or to
/// follow any further. Nothing is wrong with the text so far.
/// </summary>
public sealed class ConstraintTooComplexException : Exception
{
    /// <summary>Whether it is not this text that is too much, but all texts so far together: no further one can be read.</summary>
    internal bool TablesAreFull { get; init; }

    /// <summary>Creates the exception without a message of its own.</summary>
    public ConstraintTooComplexException()
        : base("The constraint is too complex.")
    {
    }

    /// <summary>Creates the exception with a message that names the limit.</summary>
    public ConstraintTooComplexException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message that names the limit, and what led to it.</summary>
    public ConstraintTooComplexException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
