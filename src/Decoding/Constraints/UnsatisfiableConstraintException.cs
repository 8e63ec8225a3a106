namespace Connector.Decoding.Constraints;

/// <summary>No text fulfils the constraint, such as one that asks for a number and a string at once.</summary>
public sealed class UnsatisfiableConstraintException : Exception
{
    /// <summary>Creates the exception without a message of its own.</summary>
    public UnsatisfiableConstraintException()
        : base("No text fulfils the constraint.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public UnsatisfiableConstraintException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public UnsatisfiableConstraintException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
