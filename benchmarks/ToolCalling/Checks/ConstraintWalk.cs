using Connector.Decoding.Constraints;

namespace Connector.Benchmarks.ToolCalling.Checks;

/// <summary>How far an answer came through a constraint.</summary>
/// <param name="IsAccepted">Whether every token is allowed, and the end after them.</param>
/// <param name="Tokens">How many tokens were allowed.</param>
internal readonly record struct WalkResult(bool IsAccepted, int Tokens);

/// <summary>Follows an answer through a constraint.</summary>
internal static class ConstraintWalk
{
    /// <summary>Follows an answer by advancing alone, as drafts are pruned.</summary>
    public static WalkResult Follow(ITokenConstraint constraint, ReadOnlySpan<int> tokens) => Follow(constraint, tokens, asksMasks: false);

    /// <summary>Follows an answer by advancing, and by the mask of each place too, which is what sampling sees.</summary>
    public static WalkResult FollowMasks(ITokenConstraint constraint, ReadOnlySpan<int> tokens) => Follow(constraint, tokens, asksMasks: true);

    private static WalkResult Follow(ITokenConstraint constraint, ReadOnlySpan<int> tokens, bool asksMasks)
    {
        var state = constraint.Start;
        for (var i = 0; i < tokens.Length; i++)
        {
            if ((asksMasks && !constraint.Mask(state).Contains(tokens[i])) || !constraint.TryAdvance(ref state, tokens[i]))
            {
                return new WalkResult(false, i);
            }
        }

        return new WalkResult(constraint.IsComplete(state), tokens.Length);
    }
}
