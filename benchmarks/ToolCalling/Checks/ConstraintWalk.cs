using Connector.Decoding;
using Connector.Decoding.Constraints;

namespace Connector.Benchmarks.ToolCalling.Checks;

/// <summary>How far a text came through a constraint.</summary>
/// <param name="IsAccepted">Whether every token is allowed, and the end after them.</param>
/// <param name="Tokens">How many tokens were allowed.</param>
internal readonly record struct WalkResult(bool IsAccepted, int Tokens);

/// <summary>Follows a text through a constraint.</summary>
internal static class ConstraintWalk
{
    /// <summary>Follows a text, cut into tokens as the model's own tokenizer cuts it.</summary>
    public static WalkResult Follow(ITokenConstraint constraint, Vocabulary vocabulary, string text)
    {
        var state = constraint.Start;
        var tokens = vocabulary.Tokenize(text, parseSpecial: true);
        for (var i = 0; i < tokens.Length; i++)
        {
            // The mask is what sampling sees; advancing is what drafts are pruned with. A text must pass both.
            if (!constraint.Mask(state).Contains(tokens[i]) || !constraint.TryAdvance(ref state, tokens[i]))
            {
                return new WalkResult(false, i);
            }
        }

        return new WalkResult(constraint.IsComplete(state), tokens.Length);
    }
}
