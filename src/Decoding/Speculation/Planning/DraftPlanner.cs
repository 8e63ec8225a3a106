namespace Connector.Decoding.Speculation;

/// <summary>
/// Speculation without a training step: drafts from all sources in one dynamic tree per sequence, sized by what the
/// device makes of larger batches. The engine verifies; nothing here can change the text. Not thread-safe.
/// </summary>
internal sealed class DraftPlanner : IDraftPlanner
{
    private const int ObservedNodes = 16;
    private const double Interrupted = 2;
    private readonly IDraftSource[] _sources;
    private readonly StepCostModel _cost;
    private readonly SpeculationBudget _budget;
    private readonly DraftGrower _grower;
    private readonly ModelLayers? _layers;
    private readonly TimeProvider _clock;
    private readonly int _maxDrafted;
    private readonly Stack<DraftState> _free = new();
    private readonly DraftState[] _grown = new DraftState[DraftPlace.MaxPlaces];
    private readonly DraftSequence[] _planned = new DraftSequence[DraftPlace.MaxPlaces];
    private readonly SpeculationMetrics? _metrics;
    private int _slots;
    private int _active;
    private int _sequences;
    private int _committed;
    private long _draftingTicks;
    private long _bookkeepingTicks;

    /// <summary>Makes a planner.</summary>
    /// <param name="sources">Who guesses.</param>
    /// <param name="cost">What steps cost.</param>
    /// <param name="clock">Measures the planner's own time.</param>
    /// <param name="maxDrafted">The most draft tokens of a step.</param>
    /// <param name="modelName">The model's name, under which metrics are published; null: they are not.</param>
    public DraftPlanner(IDraftSource[] sources, StepCostModel cost, TimeProvider clock, int maxDrafted = int.MaxValue, string? modelName = null)
    {
        _maxDrafted = maxDrafted;
        _sources = sources;
        _cost = cost;
        _clock = clock;
        _budget = new SpeculationBudget(cost);
        _grower = new DraftGrower(sources);
        _layers = sources.OfType<ModelDraft>().FirstOrDefault() is { } model ? new ModelLayers(model, clock) : null;
        Statistics = new SpeculationStatistics([.. sources.Select(s => s.Name)]);
        _metrics = modelName is null ? null : new SpeculationMetrics(modelName, Statistics.Sources);
    }

    /// <summary>What else is to be done when it is disposed.</summary>
    public Action? Disposed { get; init; }

    /// <summary>What was drafted and accepted so far.</summary>
    public SpeculationStatistics Statistics { get; }

    /// <summary>What steps cost, for reports.</summary>
    public StepCostModel Cost => _cost;

    /// <inheritdoc/>
    public void Begin(DraftSequence sequence)
    {
        if (_active++ == 0)
        {
            _budget.Ledger.Restart();
        }

        var state = _free.Count > 0 ? _free.Pop() : new DraftState(_slots++);
        sequence.State = state;
        state.Sequence = sequence;
        state.Constraint = sequence.Request.Constraint is { } constraint ? new DraftedConstraint(constraint) : null;
        sequence.Usage = new DraftUsage(Statistics.Sources);
        state.Root = -1;
        state.Evaluated = 0;
        state.Seen = sequence.History.Count;
        foreach (var source in _sources)
        {
            source.Begin(state.Slot, sequence.History.Tokens);
        }
    }

    /// <inheritdoc/>
    public void Plan(ReadOnlySpan<DraftSequence> sequences, in StepBudget step)
    {
        _sequences = Math.Min(sequences.Length, _planned.Length);
        sequences[.._sequences].CopyTo(_planned);
        _committed = 0;
        _grower.Clear();
        _budget.Begin(sequences.Length, (double)step.Past / sequences.Length);
        _draftingTicks = 0;
        _bookkeepingTicks = 0;
        if (_budget.Ledger.IsSilent)
        {
            return;
        }

        // The sampler needs these masks in this step anyway.
        foreach (var sequence in sequences)
        {
            ((DraftState)sequence.State!).Constraint?.Mask(sequence.ConstraintState);
        }

        var start = _clock.GetTimestamp();
        foreach (var sequence in sequences)
        {
            Tell(sequence, (DraftState)sequence.State!);
        }

        var caughtUp = _layers?.Begin(sequences, _budget) ?? 0;
        foreach (var sequence in sequences)
        {
            _grower.Plant(sequence, (DraftState)sequence.State!);
        }

        if (!_budget.Ledger.IsBackingOff)
        {
            Grow(sequences, Math.Min(step.MaxDrafted, _maxDrafted));
        }

        _draftingTicks = _clock.GetTimestamp() - start - caughtUp;
    }

    /// <inheritdoc/>
    public void ObserveLogits(DraftSequence sequence, int node, ReadOnlySpan<float> logits)
    {
        // Nodes are in order of their likelihood: beyond these, few teach anything that is worth a pass over a row.
        if (node >= ObservedNodes || _budget.Ledger.IsSilent)
        {
            return;
        }

        var start = _clock.GetTimestamp();
        var state = (DraftState)sequence.State!;
        for (; state.Evaluated < node; state.Evaluated++)
        {
            // A node without a lane was not evaluated.
            state.Next[state.Evaluated * TokenRecycling.Width] = -1;
        }

        var next = state.Next.AsSpan(node * TokenRecycling.Width, TokenRecycling.Width);
        var kept = TopTokens.Select(logits, next, state.NextProbabilities.AsSpan(node * TokenRecycling.Width, TokenRecycling.Width));
        next[kept..].Fill(-1);
        state.Evaluated = node + 1;
        _bookkeepingTicks += _clock.GetTimestamp() - start;
    }

    /// <inheritdoc/>
    public void Committed(DraftSequence sequence, ReadOnlySpan<int> path, ReadOnlySpan<int> tokens)
    {
        var start = _clock.GetTimestamp();
        var state = (DraftState)sequence.State!;
        _grower.Score(state, tokens);
        Learn(sequence, state, path);
        Statistics.Add(sequence.Tree, state, path, tokens.Length);
        sequence.Usage!.Add(sequence.Tree, state.NodeLeads, path);
        _metrics?.Add(sequence.Tree, state.NodeLeads, path);
        _committed += tokens.Length;
        _bookkeepingTicks += _clock.GetTimestamp() - start;
    }

    /// <inheritdoc/>
    public void StepCompleted(in StepBudget step, int rows, TimeSpan evaluation)
    {
        if (step.PrefillRows > 0 || _sequences == 0)
        {
            return;
        }

        var (drafting, bookkeeping) = (_clock.GetElapsedTime(0, _draftingTicks), _clock.GetElapsedTime(0, _bookkeepingTicks));
        var drafted = rows - _sequences;
        // A call that took far longer than calls of its size do was interrupted, and would have been without drafts.
        var past = (double)step.Past / _sequences;
        var time = Math.Min(evaluation.TotalMilliseconds, Interrupted * _cost.Milliseconds(rows, past));
        _cost.Observe(rows, past, evaluation.TotalMilliseconds);
        var regret = _budget.Ledger.Regret;
        _budget.Observe(drafted, _committed, time, (drafting + bookkeeping).TotalMilliseconds);
        var saved = regret - _budget.Ledger.Regret;
        Statistics.AddStep(drafted > 0, drafting, bookkeeping, saved);
        _metrics?.AddStep(drafting + bookkeeping, saved);
        foreach (var sequence in _planned.AsSpan(0, _sequences))
        {
            sequence.Usage!.Save(saved / _sequences);
        }

        _sequences = 0;
    }

    /// <inheritdoc/>
    public void End(DraftSequence sequence)
    {
        var state = (DraftState)sequence.State!;
        Tell(sequence, state);
        _layers?.End(sequence);
        foreach (var source in _sources)
        {
            source.End(state.Slot);
        }

        _free.Push(state);
        _active--;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var source in _sources)
        {
            (source as IDisposable)?.Dispose();
        }

        _metrics?.Dispose();
        Disposed?.Invoke();
    }

    private void Grow(ReadOnlySpan<DraftSequence> sequences, int maxDrafted)
    {
        var most = Math.Min(maxDrafted, DraftPlace.MaxPlaces - (2 * sequences.Length));
        while (_budget.Taken < most)
        {
            if (_layers is not null && _layers.ComesBefore(_grower.Best))
            {
                _layers.Advance(_grower, _budget);
            }
            else if (_budget.IsWorth(_grower.Best))
            {
                GrowOne();
            }
            else
            {
                break;
            }
        }

        // Nodes were added in the order of their worth, so the last ones of all trees go first.
        foreach (var sequence in sequences)
        {
            var kept = 1;
            for (var i = 0; i < _budget.Best; i++)
            {
                kept += ReferenceEquals(_grown[i], sequence.State) ? 1 : 0;
            }

            sequence.Tree.Truncate(kept);
        }
    }

    private void GrowOne()
    {
        var probability = _grower.Best;
        if (_grower.Grow() is { } state)
        {
            _grown[_budget.Taken] = state;
            _budget.Take(probability);
            if (_budget.IsWorth(probability) && !(_layers?.Defers(state, _grower) ?? false))
            {
                _grower.Extend(_grower.Grown);
            }
        }
    }

    private void Tell(DraftSequence sequence, DraftState state)
    {
        var tokens = sequence.History.Tokens;
        if (state.Seen < tokens.Length)
        {
            foreach (var source in _sources)
            {
                source.Commit(state.Slot, tokens[state.Seen..]);
            }

            state.Seen = tokens.Length;
        }
    }

    // The accepted path is written last, so that what a token meant where it was committed wins.
    private void Learn(DraftSequence sequence, DraftState state, ReadOnlySpan<int> path)
    {
        for (var node = 1; node < state.Evaluated; node++)
        {
            if (!path.Contains(node))
            {
                Learn(sequence.Tree.Tokens[node], state, node);
            }
        }

        if (state.Evaluated > 0)
        {
            Learn(sequence.Tree.Tokens[0], state, 0);
        }

        foreach (var node in path)
        {
            if (node < state.Evaluated)
            {
                Learn(sequence.Tree.Tokens[node], state, node);
            }
        }

        state.Evaluated = 0;
    }

    private void Learn(int token, DraftState state, int node)
    {
        var next = state.Next.AsSpan(node * TokenRecycling.Width, TokenRecycling.Width);
        var kept = next.IndexOf(-1) is >= 0 and var end ? end : next.Length;
        foreach (var source in kept == 0 ? [] : _sources)
        {
            source.Learn(token, next[..kept], state.NextProbabilities.AsSpan(node * TokenRecycling.Width, kept));
        }
    }
}
