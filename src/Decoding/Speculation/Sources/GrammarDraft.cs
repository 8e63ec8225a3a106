using Connector.Decoding.Constraints;

namespace Connector.Decoding.Speculation;

/// <summary>
/// The tokens that a request's constraint leaves no choice about: the rest of a key, brackets, quotes. Nearly always
/// right, but a guess like any other, since a constraint may allow a piece of text to be cut into tokens in more than
/// one way. Where it leaves a small choice, such as a space or none, all of that is guessed.
/// </summary>
internal sealed class GrammarDraft : IDraftSource
{
    private const float Certain = 0.99f;
    private const int LongestRun = 32;
    private const int SmallChoice = 8;
    private readonly int[] _runs = new int[DraftPlace.MaxPlaces * LongestRun];
    private readonly int[] _lengths = new int[DraftPlace.MaxPlaces];

    /// <inheritdoc/>
    public string Name => "grammar";

    /// <inheritdoc/>
    public int Classes => 1 + SmallChoice;

    /// <inheritdoc/>
    public bool IsConclusive => true;

    /// <inheritdoc/>
    public void Begin(int slot, ReadOnlySpan<int> prompt)
    {
        // All that counts is in the constraint's state.
    }

    /// <inheritdoc/>
    public void Commit(int slot, ReadOnlySpan<int> tokens)
    {
        // All that counts is in the constraint's state.
    }

    /// <inheritdoc/>
    public void End(int slot)
    {
        // All that counts is in the constraint's state.
    }

    /// <inheritdoc/>
    public void Learn(int token, ReadOnlySpan<int> next, ReadOnlySpan<float> probabilities)
    {
        // What the constraint forces does not depend on the model.
    }

    /// <inheritdoc/>
    public int Propose(in DraftPlace place, Span<DraftCandidate> candidates)
    {
        if (place.Constraint is null)
        {
            return 0;
        }

        var run = _runs.AsSpan(place.Id * LongestRun, LongestRun);
        var length = Inherit(place, run);
        if (length == 0)
        {
            length = place.Constraint.ForcedTokens(place.ConstraintState, run);
        }

        _lengths[place.Id] = length;
        if (length > 0)
        {
            candidates[0] = new DraftCandidate(run[0], Certain, 0);
            return 1;
        }

        return Choose(place.Allowed, candidates);
    }

    private static int Choose(TokenMask? allowed, Span<DraftCandidate> candidates)
    {
        if (allowed is null || !allowed.IsSparse || allowed.Count > SmallChoice)
        {
            return 0;
        }

        for (var i = 0; i < allowed.Count; i++)
        {
            candidates[i] = new DraftCandidate(allowed.Tokens[i], Certain / allowed.Count, allowed.Count);
        }

        return allowed.Count;
    }

    // The rest of the run that the place before began, so that a run is computed once.
    private int Inherit(in DraftPlace place, Span<int> run)
    {
        if (place.Parent < 0 || _lengths[place.Parent] < 2 || _runs[place.Parent * LongestRun] != place.Context[^1])
        {
            return 0;
        }

        _runs.AsSpan((place.Parent * LongestRun) + 1, _lengths[place.Parent] - 1).CopyTo(run);
        return _lengths[place.Parent] - 1;
    }
}
