namespace Connector.Decoding.Engine;

/// <summary>How a committed token came about.</summary>
public enum TokenOrigin
{
    /// <summary>The deciding model's own token after the accepted path, where it had a choice.</summary>
    Bonus,

    /// <summary>A draft that the deciding model confirmed where it had a choice.</summary>
    Accepted,

    /// <summary>The only token that the constraint allowed, drafted or not.</summary>
    Forced,
}

/// <summary>
/// One generated token. End-of-generation tokens are not among them, but the tokens of a stop sequence are, as one token may hold its
/// beginning and text before it: a <see cref="Text.TextAssembler"/> with the same stop strings leaves it out.
/// </summary>
/// <param name="Token">The token.</param>
/// <param name="Origin">How it came about.</param>
public readonly record struct GeneratedToken(int Token, TokenOrigin Origin);

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended it with an end-of-generation token.</summary>
    EndOfGeneration,

    /// <summary>The text reached a stop sequence.</summary>
    StopSequence,

    /// <summary>The request's own token limit.</summary>
    MaxTokens,

    /// <summary>The context is full.</summary>
    ContextFull,
}
