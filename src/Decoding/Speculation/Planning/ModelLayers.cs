using Connector.Decoding.Sampling;

namespace Connector.Decoding.Speculation;

/// <summary>
/// Decides when the draft model reads on: one more token per sequence and call, while the tokens that it may bring
/// outweigh its time. What it has to read first of a text, such as a prompt, is to be paid off by an answer as long as
/// answers usually are. Not thread-safe.
/// </summary>
internal sealed class ModelLayers(ModelDraft model, TimeProvider clock)
{
    // What is already guessed goes first where it is at least as likely as the model's next guess probably is.
    private const float NextGuess = 0.7f;
    private const int ExploreEvery = 32;
    private const double ExploreShare = 0.005;
    private const int LongText = 16;
    private const double Memory = 0.9;
    private const double FirstAnswer = 64;
    private readonly DraftSequence[] _sequences = new DraftSequence[DraftPlace.MaxPlaces];
    private int _count;
    private int _pending;
    private float _pendingBest;
    private float _pendingSum;
    private int _skipped;
    private double _usualAnswer = FirstAnswer;

    /// <summary>What a call takes, in milliseconds.</summary>
    public double Milliseconds { get; private set; }

    /// <summary>What a token of a long text adds to that.</summary>
    public double MillisecondsPerToken { get; private set; }

    /// <summary>Reads what was committed, where a first guess is worth that; every now and then also where it is not, to stay informed.</summary>
    /// <returns>Clock ticks spent on catching up with long texts: prompts, which no step can be blamed for.</returns>
    public long Begin(ReadOnlySpan<DraftSequence> sequences, SpeculationBudget budget)
    {
        _count = Math.Min(sequences.Length, _sequences.Length);
        sequences = sequences[.._count];
        sequences.CopyTo(_sequences);
        ClearPending();
        foreach (var sequence in sequences)
        {
            State(sequence).Head = -1;
        }

        if (budget.Ledger.IsBackingOff || !Choose(sequences, budget))
        {
            return 0;
        }

        foreach (var sequence in sequences)
        {
            if (State(sequence).Head == 0)
            {
                model.CatchUp(State(sequence).Slot, sequence.History.Tokens);
            }
        }

        var isLong = model.Unread > LongText * _count;
        var start = clock.GetTimestamp();
        Evaluate(isTypical: !isLong);
        foreach (var sequence in sequences)
        {
            Aim(sequence);
        }

        return isLong ? clock.GetTimestamp() - start : 0;
    }

    /// <summary>Learns how long answers are.</summary>
    public void End(DraftSequence sequence) => _usualAnswer = Mean(_usualAnswer, sequence.History.GeneratedCount);

    /// <summary>Whether a node that was just added waits for the draft model to read it, instead of being extended now.</summary>
    public bool Defers(DraftState state, DraftGrower grower)
    {
        var sequence = state.Sequence;
        var node = sequence.Tree.Count - 1;
        if (state.Head < 0 || state.Pending >= 0 || sequence.Tree.Parents[node] != state.Head || sequence.Tree.Depths[node] >= sequence.MaxDepth)
        {
            return false;
        }

        (state.Pending, state.PendingGuess) = (node, grower.Grown);
        _pending++;
        _pendingSum += sequence.Tree.Probabilities[node];
        _pendingBest = Math.Max(_pendingBest, sequence.Tree.Probabilities[node]);
        return true;
    }

    /// <summary>Whether reading on is due before a guess of this probability.</summary>
    public bool ComesBefore(float probability) => _pending > 0 && probability < NextGuess * _pendingBest;

    /// <summary>Reads on where that is worth it, and extends the nodes that waited.</summary>
    public void Advance(DraftGrower grower, SpeculationBudget budget)
    {
        var reads = budget.IsWorth(model.Agreement * _pendingSum, _pending, Milliseconds);
        foreach (var sequence in _sequences.AsSpan(0, _count))
        {
            var state = State(sequence);
            if (reads && state.Pending >= 0)
            {
                model.Read(state.Slot, sequence.Tree.Tokens[state.Pending]);
                state.Head = state.Pending;
            }
            else
            {
                state.Head = -1;
            }
        }

        if (reads)
        {
            Evaluate(isTypical: true);
        }

        foreach (var sequence in _sequences.AsSpan(0, _count))
        {
            if (State(sequence).Pending >= 0)
            {
                Aim(sequence);
                grower.Extend(State(sequence).PendingGuess);
            }
        }

        ClearPending();
    }

    // Sets the heads of those sequences for which the model is to be asked to their roots; false: of none.
    private bool Choose(ReadOnlySpan<DraftSequence> sequences, SpeculationBudget budget)
    {
        var (chosen, price, all) = (0, Milliseconds, Milliseconds);
        foreach (var sequence in sequences)
        {
            if (CanDraft(sequence))
            {
                var reading = MillisecondsPerToken * model.Behind(State(sequence).Slot, sequence.History.Tokens);
                var share = reading * (1 + model.Agreement) / Remaining(sequence);
                all += reading;
                if (budget.IsWorth(model.Agreement, 1, share))
                {
                    State(sequence).Head = 0;
                    chosen++;
                    price += share;
                }
            }
        }

        if (chosen > 0 && budget.IsWorth(model.Agreement * chosen, chosen, price))
        {
            _skipped = 0;
            return true;
        }

        // Looking at what the model would guess may take half a percent of the time.
        _skipped++;
        var looks = _skipped >= ExploreEvery && _skipped * budget.PlainCost * ExploreShare >= all;
        _skipped = looks ? 0 : _skipped;
        foreach (var sequence in sequences)
        {
            State(sequence).Head = looks && CanDraft(sequence) ? 0 : -1;
        }

        return looks;
    }

    private bool CanDraft(DraftSequence sequence) =>
        sequence.MaxNodes > 1 && sequence.MaxDepth > 0 && !State(sequence).HasGivenUp && !model.IsLost(State(sequence).Slot);

    // An answer that is longer than usual is taken to be half done.
    private double Remaining(DraftSequence sequence)
    {
        var done = sequence.History.GeneratedCount;
        return Math.Max(1, Math.Min((sequence.Request.MaxTokens ?? int.MaxValue) - done, Math.Max(_usualAnswer, done)));
    }

    private static DraftState State(DraftSequence sequence) => (DraftState)sequence.State!;

    private void Evaluate(bool isTypical)
    {
        var unread = model.Unread;
        if (unread == 0)
        {
            return;
        }

        var start = clock.GetTimestamp();
        model.Evaluate();
        var time = clock.GetElapsedTime(start).TotalMilliseconds;
        if (isTypical)
        {
            Milliseconds = Milliseconds == 0 ? time : Mean(Milliseconds, time);
        }
        else
        {
            time = Math.Max(0, time - Milliseconds) / unread;
            MillisecondsPerToken = MillisecondsPerToken == 0 ? time : Mean(MillisecondsPerToken, time);
        }
    }

    private static double Mean(double before, double now) => (before * Memory) + (now * (1 - Memory));

    private void Aim(DraftSequence sequence)
    {
        var state = State(sequence);
        if (state.Head >= 0)
        {
            var sampling = sequence.Request.Sampling;
            var position = sequence.History.GeneratedCount + sequence.Tree.Depths[state.Head];
            model.Aim(state.Slot, state.Head, sampling.Temperature > 0 ? new GumbelNoise.Key(sampling.Seed, position) : null, sampling.Temperature);
        }
    }

    private void ClearPending()
    {
        foreach (var sequence in _sequences.AsSpan(0, _count))
        {
            State(sequence).Pending = -1;
        }

        (_pending, _pendingBest, _pendingSum) = (0, 0, 0);
    }
}
