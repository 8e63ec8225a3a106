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
    /// there are, 0 where there is a choice. What is written behind them means nothing. Only a guess for the draft tree: the mask decides.
    /// </summary>
    int ForcedTokens(in ConstraintState state, Span<int> tokens);

    /// <summary>
    /// The same, guessed further: over spaces that may stand or not, because writers of JSON have habits there, and to the end of
    /// the text, where the tokenizer might cut it together with what follows. Default: <see cref="ForcedTokens"/>.
    /// </summary>
    /// <param name="state">Where the text stands.</param>
    /// <param name="spaces">How spaces that are left open are guessed; null: the guess ends before them.</param>
    /// <param name="tokens">Where the tokens are written, as many as there is room for.</param>
    ForcedGuess GuessTokens(in ConstraintState state, OptionalSpaces? spaces, Span<int> tokens)
    {
        var count = ForcedTokens(state, tokens);
        return new ForcedGuess(count, count, IsJoined: true);
    }

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

    /// <summary>There and inside of braces, as in <c>{ "a": 1, "b": 2 }</c>.</summary>
    InsideBraces,
}

/// <summary>Tokens that a constraint guesses to follow.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Firm">How many of them would be cut the same whatever follows the text.</param>
/// <param name="IsJoined">
/// Whether the tokenizer would cut text and previous token apart as they stand. Where it would not, the model has begun to cut the text in
/// its own way, and is likely to go on so.
/// </param>
public readonly record struct ForcedGuess(int Count, int Firm, bool IsJoined);

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
