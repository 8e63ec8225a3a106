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
    private const int FewTokens = 16;
    private const double Memory = 0.9;
    private const double FirstAnswer = 64;
    private readonly DraftSequence[] _sequences = new DraftSequence[DraftPlace.MaxPlaces];
    private int _count;
    private int _pending;
    private float _pendingBest;
    private float _pendingSum;
    private int _skipped;
    private double _usualAnswer = FirstAnswer;
    private double _readTokens;
    private double _readMilliseconds;

    /// <summary>What a call takes, in milliseconds.</summary>
    public double Milliseconds { get; private set; }

    /// <summary>What a token of a long text adds to that: at most as much as a call of its own would.</summary>
    public double MillisecondsPerToken => _readTokens == 0 ? 0 : Math.Min(Milliseconds, _readMilliseconds / _readTokens);

    /// <summary>Reads what was committed, where a first guess is worth that; every now and then also where it is not, to stay informed.</summary>
    /// <returns>Clock ticks of a call in which texts were begun: prompts, whose reading was weighed before and which no step can be blamed for.</returns>
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

        var (begins, few) = (false, 0);
        foreach (var sequence in sequences)
        {
            if (State(sequence).Head == 0)
            {
                begins |= !model.HasBegun(State(sequence).Slot);
                few += FewTokens;
                model.CatchUp(State(sequence).Slot, sequence.History.Tokens);
            }
        }

        var start = clock.GetTimestamp();
        Evaluate(isTypical: model.Unread <= few);
        foreach (var sequence in sequences)
        {
            Aim(sequence);
        }

        return begins ? clock.GetTimestamp() - start : 0;
    }

    /// <summary>Learns how long answers are. Prompts that were read for later, with no answer, are none.</summary>
    public void End(DraftSequence sequence) =>
        _usualAnswer = sequence.History.GeneratedCount == 0 ? _usualAnswer : Mean(_usualAnswer, sequence.History.GeneratedCount);

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
        var (chosen, price, cheapest) = (0, Milliseconds, double.PositiveInfinity);
        DraftState? nearest = null;
        foreach (var sequence in sequences)
        {
            if (!CanDraft(sequence))
            {
                continue;
            }

            var state = State(sequence);
            var reading = MillisecondsPerToken * model.Behind(state.Slot, sequence.History.Tokens);
            (nearest, cheapest) = reading < cheapest ? (state, reading) : (nearest, cheapest);

            // The rows of all are weighed together below, since sizes of calls differ in what they cost.
            var share = reading * (1 + model.Agreement) / Remaining(sequence);
            if (budget.IsWorth(model.Agreement, 0, share))
            {
                state.Head = 0;
                chosen++;
                price += share;
            }
        }

        if (chosen > 0 && budget.IsWorth(model.Agreement * chosen, chosen, price))
        {
            _skipped = 0;
            return true;
        }

        foreach (var sequence in sequences)
        {
            State(sequence).Head = -1;
        }

        // Looking at what the model would guess may take half a percent of the time.
        _skipped++;
        if (nearest is null || _skipped < ExploreEvery || _skipped * budget.PlainCost * ExploreShare < Milliseconds + cheapest)
        {
            return false;
        }

        nearest.Head = 0;
        _skipped = 0;
        return true;
    }

    private bool CanDraft(DraftSequence sequence) =>
        sequence.MaxNodes > 1 && sequence.MaxDepth > 0 && !State(sequence).HasGivenUp && !model.IsLost(State(sequence).Slot);

    // Tokens that are still to come: an answer that is longer than usual is taken to be half done.
    private double Remaining(DraftSequence sequence) =>
        Math.Min(sequence.MaxDepth + 1, Math.Max(_usualAnswer, sequence.History.GeneratedCount));

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
        else if (Milliseconds > 0)
        {
            // The very first call, which is cold, tells nothing. Longer texts tell more.
            _readTokens = (_readTokens * Memory) + unread;
            _readMilliseconds = (_readMilliseconds * Memory) + Math.Max(0, time - Milliseconds);
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
