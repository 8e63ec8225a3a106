using Connector.Decoding.Constraints;

namespace Connector.Decoding.Speculation;

/// <summary>
/// The tokens that a request's constraint leaves no choice about: the rest of a key, brackets, quotes. Nearly always
/// right, but a guess like any other, since a constraint may allow a piece of text to be cut into tokens in more than
/// one way. Where it leaves only spaces open, the text is guessed with them and without; which of the two a model writes is
/// soon known from the classes. Any other small choice is guessed whole.
/// </summary>
internal sealed class GrammarDraft : IDraftSource
{
    private const float Certain = 0.99f;
    private const float Likely = 0.9f;
    private const int LongestRun = 32;
    private const int SmallChoice = 8;
    private const int Habits = 2;
    private const int Forced = 0, Compact = 1, Spaced = 2, Both = 3, GoesOn = 4;
    private readonly int[] _runs = new int[DraftPlace.MaxPlaces * Habits * LongestRun];
    private readonly int[] _lengths = new int[DraftPlace.MaxPlaces * Habits];
    private readonly bool[] _isForced = new bool[DraftPlace.MaxPlaces];

    /// <inheritdoc/>
    public string Name => "grammar";

    /// <inheritdoc/>
    public int Classes => GoesOn + SmallChoice + 1;

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

        var goesOn = Inherit(place);
        if (!goesOn)
        {
            Ask(place);
        }

        var compact = Run(place.Id, 0);
        var spaced = Run(place.Id, 1);
        if (_isForced[place.Id])
        {
            candidates[0] = new DraftCandidate(compact[0], Certain, Forced) { IsConclusive = true };
            return 1;
        }

        if (compact.IsEmpty && spaced.IsEmpty)
        {
            return Choose(place.Allowed, candidates);
        }

        if (compact.IsEmpty || spaced.IsEmpty || compact[0] == spaced[0])
        {
            var only = compact.IsEmpty ? spaced[0] : compact[0];
            var kind = goesOn ? GoesOn : compact.IsEmpty ? Spaced : spaced.IsEmpty ? Compact : Both;
            candidates[0] = new DraftCandidate(only, Likely, kind) { IsConclusive = true };
            return 1;
        }

        candidates[0] = new DraftCandidate(compact[0], Likely / Habits, Compact) { IsConclusive = true };
        candidates[1] = new DraftCandidate(spaced[0], Likely / Habits, Spaced) { IsConclusive = true };
        return 2;
    }

    private static int Choose(TokenMask? allowed, Span<DraftCandidate> candidates)
    {
        if (allowed is null || !allowed.IsSparse || allowed.Count > SmallChoice)
        {
            return 0;
        }

        for (var i = 0; i < allowed.Count; i++)
        {
            candidates[i] = new DraftCandidate(allowed.Tokens[i], Certain / allowed.Count, GoesOn + allowed.Count) { IsConclusive = allowed.Count == 1 };
        }

        return allowed.Count;
    }

    private Span<int> Run(int place, int habit) => _runs.AsSpan(((place * Habits) + habit) * LongestRun, _lengths[(place * Habits) + habit]);

    // What is sure is the only run; else there is one for each habit.
    private void Ask(in DraftPlace place)
    {
        Set(place.Id, 1, 0);
        var room = Room(place.Id, 0);
        Set(place.Id, 0, place.Constraint!.ForcedTokens(place.ConstraintState, room));
        _isForced[place.Id] = !Run(place.Id, 0).IsEmpty;
        if (!_isForced[place.Id])
        {
            Set(place.Id, 0, place.Constraint.ForcedTokens(place.ConstraintState, OptionalSpaces.Nowhere, room));
            Set(place.Id, 1, place.Constraint.ForcedTokens(place.ConstraintState, OptionalSpaces.AfterSeparators, Room(place.Id, 1)));
        }
    }

    // The rest of the runs that the place before began, so that a run is computed once.
    private bool Inherit(in DraftPlace place)
    {
        if (place.Parent < 0)
        {
            return false;
        }

        _isForced[place.Id] = _isForced[place.Parent];
        for (var habit = 0; habit < Habits; habit++)
        {
            var run = Run(place.Parent, habit);
            var rest = run.Length > 1 && run[0] == place.Context[^1] ? run[1..] : [];
            rest.CopyTo(Room(place.Id, habit));
            Set(place.Id, habit, rest.Length);
        }

        return !Run(place.Id, 0).IsEmpty || !Run(place.Id, 1).IsEmpty;
    }

    private Span<int> Room(int place, int habit) => _runs.AsSpan(((place * Habits) + habit) * LongestRun, LongestRun);

    private void Set(int place, int habit, int length) => _lengths[(place * Habits) + habit] = length;
}
