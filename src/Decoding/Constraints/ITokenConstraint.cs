namespace Connector.Decoding.Constraints;

/// <summary>
/// Which tokens may follow. Compiled, immutable and shared; all that a request has of its own is a
/// <see cref="ConstraintState"/>. Thread-safe.
/// </summary>
public interface ITokenConstraint
{
    /// <summary>The state before the first token.</summary>
    ConstraintState Start { get; }

    /// <summary>
    /// Moves <paramref name="state"/> past <paramref name="token"/>; false, with the state unchanged, where the token
    /// is not allowed. An end-of-generation token is allowed exactly when <see cref="IsComplete"/>, and leaves the
    /// state as it is.
    /// </summary>
    bool TryAdvance(ref ConstraintState state, int token);

    /// <summary>The tokens that <see cref="TryAdvance"/> accepts; never empty.</summary>
    TokenMask Mask(in ConstraintState state);

    /// <summary>
    /// The tokens that must follow, whatever the model says, as the tokenizer itself would cut them; returns how many
    /// were written, 0 where there is a choice. Only a guess for the draft tree: the mask decides.
    /// </summary>
    int ForcedTokens(in ConstraintState state, Span<int> tokens);

    /// <summary>
    /// The same for text that must follow but for spaces, which may stand or not at places within it: writers of JSON have habits
    /// there. Default: <see cref="ForcedTokens(in ConstraintState, Span{int})"/>, which ends before such a place.
    /// </summary>
    int ForcedTokens(in ConstraintState state, OptionalSpaces spaces, Span<int> tokens) => ForcedTokens(state, tokens);

    /// <summary>
    /// What the constraint would rather have next, beside what it allows: added to the token's logit before penalties and
    /// temperature. It depends on the state alone, so drafts are verified as exactly as without. Default: nothing.
    /// </summary>
    TokenBias Bias(in ConstraintState state) => default;

    /// <summary>Whether the text so far may end here.</summary>
    bool IsComplete(in ConstraintState state);
}

/// <summary>How the spaces that a constraint leaves open are guessed.</summary>
public enum OptionalSpaces
{
    /// <summary>Nowhere, as in <c>{"a":1,"b":2}</c>.</summary>
    Nowhere,

    /// <summary>After colons and commas, as in <c>{"a": 1, "b": 2}</c>.</summary>
    AfterSeparators,
}

/// <summary>
/// Where a request stands in its constraint. A small value: copying it forks, dropping the copy rolls back. The
/// fields mean something only to the constraint that made it.
/// </summary>
/// <param name="Parser">An interned state, of the parser or of the whole constraint.</param>
/// <param name="Lexer">An interned state of the lexer, for constraints that keep it apart.</param>
/// <param name="Pending">What else the last token leaves behind: a compiled constraint keeps the token itself, plus one.</param>
/// <param name="Phase">For constraints that wrap another: the phase they are in.</param>
/// <param name="Values">Counters and other values.</param>
public readonly record struct ConstraintState(int Parser, int Lexer, int Pending = 0, int Phase = 0, ulong Values = 0);
