using Connector.Decoding.Constraints;

namespace Connector.Decoding.Speculation;

/// <summary>
/// The tokens that a request's constraint leaves no choice about: the rest of a key, brackets, quotes. Nearly always
/// right, but a guess like any other, since a constraint may allow a piece of text to be cut into tokens in more than
/// one way. Where it leaves only spaces open, the text is guessed with each habit of writing them; which one a model has is
/// soon known, because the habits that name a token are its class. Any other small choice is guessed whole.
/// </summary>
internal sealed class GrammarDraft : IDraftSource
{
    private const float Certain = 0.99f;
    private const float Likely = 0.9f;
    private const float Doubtful = 0.5f;
    private const float Usual = 0.6f;
    private const float Unusual = 0.3f;
    private const int LongestRun = 32;
    private const int SmallChoice = 8;

    // Classes: surely forced text, the habits that name the token (one bit each), text that a token before has begun, its last token where the
    // tokenizer may still cut otherwise, text behind a token that the model cut in its own way, and choices by their size.
    private const int Habits = 3, Forced = 0, ByHabits = 0, GoesOn = 1 << Habits, Loose = GoesOn + 1, Unjoined = GoesOn + 2, Choice = Unjoined;

    private static readonly OptionalSpaces[] s_habits = [OptionalSpaces.Nowhere, OptionalSpaces.AfterSeparators, OptionalSpaces.InsideBraces];
    private const int MostUsual = 1 << (int)OptionalSpaces.AfterSeparators;
    private readonly int[] _tokens = new int[DraftPlace.MaxPlaces * Habits * LongestRun];
    private readonly ForcedGuess[] _runs = new ForcedGuess[DraftPlace.MaxPlaces * Habits];
    private readonly bool[] _isForced = new bool[DraftPlace.MaxPlaces];

    /// <inheritdoc/>
    public string Name => "grammar";

    /// <inheritdoc/>
    public int Classes => Choice + SmallChoice + 1;

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

        var count = 0;
        for (var habit = 0; habit < Habits; habit++)
        {
            if (Run(place.Id, habit).Count == 0)
            {
                continue;
            }

            var (same, all) = Agreeing(place.Id, habit);
            if ((same & ((1 << habit) - 1)) != 0)
            {
                // An earlier habit has named the token.
                continue;
            }

            var (guessClass, estimate) = Judge(place.Id, habit, same, same == all, goesOn);
            candidates[count++] = new DraftCandidate(Tokens(place.Id, habit)[0], estimate, guessClass) { IsConclusive = guessClass != Unjoined };
        }

        return count > 0 ? count : Choose(place.Allowed, candidates);
    }

    private static int Choose(TokenMask? allowed, Span<DraftCandidate> candidates)
    {
        if (allowed is null || !allowed.IsSparse || allowed.Count > SmallChoice)
        {
            return 0;
        }

        for (var i = 0; i < allowed.Count; i++)
        {
            candidates[i] = new DraftCandidate(allowed.Tokens[i], Certain / allowed.Count, Choice + allowed.Count) { IsConclusive = allowed.Count == 1 };
        }

        return allowed.Count;
    }

    // The habits whose text begins with the same token as this one's, a bit each, and those that have a text at all.
    private (int Same, int All) Agreeing(int place, int habit)
    {
        var (same, all) = (0, 0);
        for (var other = 0; other < Habits; other++)
        {
            var speaks = Run(place, other).Count > 0;
            all |= speaks ? 1 << other : 0;
            same |= speaks && Tokens(place, other)[0] == Tokens(place, habit)[0] ? 1 << other : 0;
        }

        return (same, all);
    }

    private (int Class, float Estimate) Judge(int place, int habit, int habits, bool isAgreed, bool goesOn)
    {
        var run = Run(place, habit);
        return !run.IsJoined ? (Unjoined, Doubtful)
            : _isForced[place] ? (Forced, Certain)
            : !isAgreed ? (ByHabits + habits, (habits & MostUsual) != 0 ? Usual : Unusual)
            : run.Firm == 0 ? (Loose, Doubtful)
            : (goesOn ? GoesOn : ByHabits + habits, Likely);
    }

    // What is sure is the only run; else there is one for each habit.
    private void Ask(in DraftPlace place)
    {
        var sure = place.Constraint!.GuessTokens(place.ConstraintState, null, Room(place.Id, 0));
        _isForced[place.Id] = sure.Firm > 0;
        for (var habit = 0; habit < Habits; habit++)
        {
            Run(place.Id, habit) = !_isForced[place.Id] ? place.Constraint.GuessTokens(place.ConstraintState, s_habits[habit], Room(place.Id, habit))
                : habit == 0 ? sure with { Count = sure.Firm }
                : default;
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
        var goesOn = false;
        for (var habit = 0; habit < Habits; habit++)
        {
            var run = Run(place.Parent, habit);
            var tokens = Tokens(place.Parent, habit);
            var fits = run.Count > 1 && tokens[0] == place.Context[^1];
            Run(place.Id, habit) = fits ? new ForcedGuess(run.Count - 1, Math.Max(0, run.Firm - 1), IsJoined: true) : default;
            if (fits)
            {
                tokens[1..].CopyTo(Room(place.Id, habit));
            }

            goesOn |= fits;
        }

        return goesOn;
    }

    private ref ForcedGuess Run(int place, int habit) => ref _runs[(place * Habits) + habit];

    private Span<int> Tokens(int place, int habit) => Room(place, habit)[..Run(place, habit).Count];

    private Span<int> Room(int place, int habit) => _tokens.AsSpan(((place * Habits) + habit) * LongestRun, LongestRun);
}
