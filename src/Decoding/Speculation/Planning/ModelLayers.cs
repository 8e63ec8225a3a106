using Connector.Decoding.Sampling;

namespace Connector.Decoding.Speculation;

/// <summary>
/// Decides when the draft model reads on: one more token per sequence and call, while the tokens that it may bring
/// outweigh its time. Not thread-safe.
/// </summary>
internal sealed class ModelLayers(ModelDraft model, TimeProvider clock)
{
    // What is already guessed goes first where it is at least as likely as the model's next guess probably is.
    private const float NextGuess = 0.7f;
    private const int ExploreEvery = 32;
    private const double ExploreShare = 0.005;
    private const int LongText = 64;
    private const double Memory = 0.9;
    private readonly DraftSequence[] _sequences = new DraftSequence[DraftPlace.MaxPlaces];
    private int _count;
    private int _pending;
    private float _pendingBest;
    private float _pendingSum;
    private int _skipped;

    /// <summary>What a call takes, in milliseconds.</summary>
    public double Milliseconds { get; private set; }

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

        if (budget.Ledger.IsBackingOff || (!budget.IsWorth(model.Agreement * _count, _count, Milliseconds) && !IsTimeToLook(budget)))
        {
            return 0;
        }

        _skipped = 0;
        foreach (var sequence in sequences)
        {
            if (sequence.MaxNodes > 1 && sequence.MaxDepth > 0 && !State(sequence).HasGivenUp)
            {
                model.CatchUp(State(sequence).Slot, sequence.History.Tokens);
                State(sequence).Head = 0;
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

    // Looking at what the model would guess may take half a percent of the time.
    private bool IsTimeToLook(SpeculationBudget budget) =>
        ++_skipped >= ExploreEvery && _skipped * budget.PlainCost * ExploreShare >= Milliseconds;

    private static DraftState State(DraftSequence sequence) => (DraftState)sequence.State!;

    private void Evaluate(bool isTypical)
    {
        var start = clock.GetTimestamp();
        model.Evaluate();
        if (isTypical)
        {
            var time = clock.GetElapsedTime(start).TotalMilliseconds;
            Milliseconds = Milliseconds == 0 ? time : (Milliseconds * Memory) + (time * (1 - Memory));
        }
    }

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
