using Connector.Decoding.Constraints;

namespace Connector.Decoding.Speculation;

/// <summary>
/// Guesses which tokens may follow a place. One object serves all sequences of an engine, on the engine's thread.
/// A source is never asked to be right: guesses are calibrated by what was committed, merged with those of the other
/// sources, and verified by the deciding model.
/// </summary>
public interface IDraftSource
{
    /// <summary>A short name for logs and metrics, such as <c>suffix</c>.</summary>
    string Name { get; }

    /// <summary>How many classes <see cref="DraftCandidate.Class"/> tells apart; at most 1,024.</summary>
    int Classes { get; }

    /// <summary>
    /// Whether its estimates already take into account the request's noise (<see cref="Sampling.GumbelNoise"/>), as those of
    /// a draft model do that draws with it. Default: no; then the planner does.
    /// </summary>
    bool KnowsLuck => false;

    /// <summary>A request begins in a slot.</summary>
    /// <param name="slot">Which of the engine's sequences; small, reused after <see cref="End"/>.</param>
    /// <param name="prompt">The prompt's tokens.</param>
    void Begin(int slot, ReadOnlySpan<int> prompt);

    /// <summary>Tokens were committed in a slot.</summary>
    void Commit(int slot, ReadOnlySpan<int> tokens);

    /// <summary>The request in a slot ended.</summary>
    void End(int slot);

    /// <summary>
    /// What the deciding model thinks follows a token, for every node it evaluated, rejected drafts included; the
    /// accepted path comes last. Sources that do not learn from it do nothing.
    /// </summary>
    /// <param name="token">The evaluated token.</param>
    /// <param name="next">Its likeliest next tokens, likeliest first.</param>
    /// <param name="probabilities">Their probabilities relative to each other.</param>
    void Learn(int token, ReadOnlySpan<int> next, ReadOnlySpan<float> probabilities);

    /// <summary>
    /// Guesses the tokens after a place; returns how many were written, each token at most once. Called at most once
    /// per place and step, parents before children; not for places that a source before it settled.
    /// </summary>
    int Propose(in DraftPlace place, Span<DraftCandidate> candidates);
}

/// <summary>A place in a draft tree whose next token is asked for.</summary>
public readonly ref struct DraftPlace
{
    /// <summary>The most places of one step: what a source may keep per place.</summary>
    public const int MaxPlaces = 256;

    /// <summary>Counts steps: what a source kept for a place is of use only where it was kept in the same step.</summary>
    public required int Step { get; init; }

    /// <summary>The sequence it belongs to.</summary>
    public required int Slot { get; init; }

    /// <summary>This place's number in this step, 0 … <see cref="MaxPlaces"/> − 1.</summary>
    public required int Id { get; init; }

    /// <summary>Its node in the sequence's draft tree; 0 is the root.</summary>
    public required int Node { get; init; }

    /// <summary>The number of the place before it; −1 where nothing is drafted yet.</summary>
    public required int Parent { get; init; }

    /// <summary>The last tokens up to and including this place, drafted ones last; never empty.</summary>
    public required ReadOnlySpan<int> Context { get; init; }

    /// <summary>
    /// The request's constraint; null where it has none. It throws nothing: what the request's own throws here makes it
    /// allow nothing, and the request is not drafted any more.
    /// </summary>
    public ITokenConstraint? Constraint { get; init; }

    /// <summary>The constraint's state after <see cref="Context"/>.</summary>
    public ConstraintState ConstraintState { get; init; }

    /// <summary>What the constraint allows here; null where there is none. Other guesses are dropped.</summary>
    public TokenMask? Allowed { get; init; }
}

/// <summary>A guess for the next token.</summary>
/// <param name="Token">The token.</param>
/// <param name="Probability">The source's own estimate, in (0, 1); the calibration starts from it.</param>
/// <param name="Class">What kind of guess it is (rank, count, match length …): how often guesses of a class come true is measured.</param>
public readonly record struct DraftCandidate(int Token, float Probability, int Class)
{
    /// <summary>Whether its source knows all that can be known of the place: those after it are not asked there. Default: no.</summary>
    public bool IsConclusive { get; init; }
}
