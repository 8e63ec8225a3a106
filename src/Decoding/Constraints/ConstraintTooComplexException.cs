namespace Connector.Decoding.Constraints;

/// <summary>
/// A constraint ran out of its <see cref="ConstraintLimits"/>: it is too large or too ambiguous to compile, or to
/// follow any further. Nothing is wrong with the text so far.
/// </summary>
public sealed class ConstraintTooComplexException : Exception
{
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
