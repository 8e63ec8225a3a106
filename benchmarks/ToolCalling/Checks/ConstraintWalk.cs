using Connector.Decoding.Constraints;

namespace Connector.Benchmarks.ToolCalling.Checks;

/// <summary>How far an answer came through a constraint.</summary>
/// <param name="IsAccepted">Whether every token is allowed, and the end after them.</param>
/// <param name="Tokens">How many tokens were allowed.</param>
internal readonly record struct WalkResult(bool IsAccepted, int Tokens);

/// <summary>Follows an answer through a constraint.</summary>
internal static class ConstraintWalk
{
    public static WalkResult Follow(ITokenConstraint constraint, ReadOnlySpan<int> tokens)
    {
        var state = constraint.Start;
        for (var i = 0; i < tokens.Length; i++)
        {
            // The mask is what sampling sees; advancing is what drafts are pruned with. An answer must pass both.
            if (!constraint.Mask(state).Contains(tokens[i]) || !constraint.TryAdvance(ref state, tokens[i]))
            {
                return new WalkResult(false, i);
            }
        }

        return new WalkResult(constraint.IsComplete(state), tokens.Length);
    }
}
