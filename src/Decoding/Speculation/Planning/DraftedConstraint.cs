using Connector.Decoding.Constraints;

namespace Connector.Decoding.Speculation;

/// <summary>
/// A request's constraint as drafts see it. On a path that is only guessed a constraint may run into limits that the
/// answer never meets; so what it throws there ends the drafts of its request, and nothing else. From then on it is not
/// asked any more and allows nothing. Not thread-safe.
/// </summary>
internal sealed class DraftedConstraint(ITokenConstraint constraint) : ITokenConstraint
{
    private static readonly TokenMask s_nothing = TokenMask.FromTokens([]);

    /// <summary>Whether it has thrown.</summary>
    public bool HasFailed { get; private set; }

    /// <inheritdoc/>
    public ConstraintState Start => constraint.Start;

    /// <inheritdoc/>
    public bool TryAdvance(ref ConstraintState state, int token)
    {
        try
        {
            return !HasFailed && constraint.TryAdvance(ref state, token);
        }
        catch (Exception)
        {
            HasFailed = true;
            return false;
        }
    }

    /// <inheritdoc/>
    public TokenMask Mask(in ConstraintState state)
    {
        try
        {
            return HasFailed ? s_nothing : constraint.Mask(state);
        }
        catch (Exception)
        {
            HasFailed = true;
            return s_nothing;
        }
    }

    /// <inheritdoc/>
    public int ForcedTokens(in ConstraintState state, Span<int> tokens)
    {
        try
        {
            return HasFailed ? 0 : constraint.ForcedTokens(state, tokens);
        }
        catch (Exception)
        {
            HasFailed = true;
            return 0;
        }
    }

    /// <inheritdoc/>
    public ForcedGuess GuessTokens(in ConstraintState state, OptionalSpaces? spaces, Span<int> tokens)
    {
        try
        {
            return HasFailed ? default : constraint.GuessTokens(state, spaces, tokens);
        }
        catch (Exception)
        {
            HasFailed = true;
            return default;
        }
    }

    /// <inheritdoc/>
    public bool IsComplete(in ConstraintState state)
    {
        try
        {
            return !HasFailed && constraint.IsComplete(state);
        }
        catch (Exception)
        {
            HasFailed = true;
            return false;
        }
    }
}
