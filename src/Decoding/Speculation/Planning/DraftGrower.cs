using Connector.Decoding.Constraints;
using Connector.Decoding.Sampling;

namespace Connector.Decoding.Speculation;

/// <summary>
/// Grows the draft trees of a step, likeliest node first over all sequences (dynamic trees as in DySpec, 2024): the
/// trees are the best connected ones at every size. Afterwards it scores every guess on the committed path, whether
/// it was drafted or not ("shadow scoring"), from which the estimates learn. Not thread-safe.
/// </summary>
internal sealed class DraftGrower
{
    private const int ContextTokens = OccurrenceIndex.MaxMatch;
    private readonly CandidateHeap _heap = new(DraftPlace.MaxPlaces * CandidatePool.PerPlace);
    private readonly Place[] _places = new Place[DraftPlace.MaxPlaces];
    private readonly int[] _placeOfGuess = new int[DraftPlace.MaxPlaces * CandidatePool.PerPlace];
    private readonly int[] _nodeOfGuess = new int[DraftPlace.MaxPlaces * CandidatePool.PerPlace];
    private readonly int[] _childOfGuess = new int[DraftPlace.MaxPlaces * CandidatePool.PerPlace];
    private readonly int[] _context = new int[ContextTokens + DraftPlace.MaxPlaces];
    private int _placeCount;
    private int _step;

    /// <summary>Makes a grower over sources, which are asked in this order.</summary>
    public DraftGrower(IDraftSource[] sources) => Pool = new CandidatePool(sources);

    /// <summary>The merged guesses of the step.</summary>
    public CandidatePool Pool { get; }

    /// <summary>The probability of the node that <see cref="Grow"/> would add; 0 where there is none.</summary>
    public float Best => _heap.Best;

    /// <summary>Begins a step.</summary>
    public void Clear()
    {
        Pool.Clear();
        _heap.Clear();
        _placeCount = 0;
        _step++;
    }

    /// <summary>Asks what may follow the root of a sequence's tree.</summary>
    public void Plant(DraftSequence sequence, DraftState state)
    {
        var tokens = sequence.History.Tokens;
        state.ContextLength = Math.Min(tokens.Length, ContextTokens);
        tokens[^state.ContextLength..].CopyTo(state.Context);
        state.FirstPosition = sequence.History.GeneratedCount;
        state.Leaves = 0;
        state.Root = Open(sequence, state, parent: -1, node: 0, probability: 1, sequence.ConstraintState);
    }

    /// <summary>
    /// Takes the likeliest guess and adds it to its tree; returns the state of its sequence, or null where the guess
    /// is illegal, cannot be told to be legal, or does not fit.
    /// </summary>
    public DraftState? Grow()
    {
        var guess = _heap.Pop();
        ref readonly var parent = ref _places[_placeOfGuess[guess]];
        var (sequence, state, node) = (parent.Sequence, parent.State, parent.Node);
        var tree = sequence.Tree;
        var addsLeaf = !tree.IsLeaf(node) || node == 0;
        if (tree.Count >= Math.Min(sequence.MaxNodes, tree.Capacity) || tree.Depths[node] >= sequence.MaxDepth
            || (addsLeaf && state.Leaves >= sequence.MaxLeaves))
        {
            return null;
        }

        var constraint = parent.ConstraintState;
        if (state.Constraint is { } rule && !rule.TryAdvance(ref constraint, Pool.Token(guess)))
        {
            return null;
        }

        var probability = parent.Probability * Trusted(Pool.Probability(guess));
        var child = tree.Add(node, Pool.Token(guess), probability, Pool.Sources(guess));
        state.Leaves += addsLeaf ? 1 : 0;
        state.NodeLeads[child] = (byte)Pool.Lead(guess);
        _nodeOfGuess[guess] = child;
        Grown = guess;
        return state;
    }

    /// <summary>The guess that <see cref="Grow"/> added last.</summary>
    public int Grown { get; private set; }

    /// <summary>Asks what may follow a guess that was added to its tree; returns the place.</summary>
    public int Extend(int guess)
    {
        if (_childOfGuess[guess] < 0)
        {
            ref readonly var parent = ref _places[_placeOfGuess[guess]];
            var node = _nodeOfGuess[guess];
            var constraint = parent.ConstraintState;
            parent.State.Constraint?.TryAdvance(ref constraint, Pool.Token(guess));
            _childOfGuess[guess] = Open(parent.Sequence, parent.State, _placeOfGuess[guess], node, parent.Sequence.Tree.Probabilities[node], constraint);
        }

        return _childOfGuess[guess];
    }

    /// <summary>
    /// Scores the guesses along what was committed in a sequence since it was planted: accepted tokens, then the
    /// model's own.
    /// </summary>
    public void Score(DraftState state, ReadOnlySpan<int> committed)
    {
        var place = state.Root;
        for (var i = 0; i < committed.Length && place >= 0; i++)
        {
            var (start, end) = (_places[place].Start, _places[place].End);
            Pool.Score(start, end, committed[i], _places[place].Sequence.Request.Constraint is not null);
            place = -1;
            for (var guess = start; guess < end; guess++)
            {
                if (Pool.Token(guess) == committed[i])
                {
                    // What may follow an accepted node is asked even where it was not worth drafting: the estimates learn from it.
                    place = i + 1 < committed.Length && _nodeOfGuess[guess] >= 0 ? Extend(guess) : -1;
                }
            }
        }

        state.Root = -1;
    }

    // A lower-confidence discount: an estimate is an average, and the heap picks what is overestimated; less so where all are nearly sure.
    private static float Trusted(float probability) => probability * (0.98f - (0.1f * (1 - probability)));

    private int Open(DraftSequence sequence, DraftState state, int parent, int node, float probability, in ConstraintState constraint)
    {
        if (_placeCount == _places.Length)
        {
            return -1;
        }

        var allowed = state.Constraint?.Mask(constraint);
        if (state.HasGivenUp)
        {
            return -1;
        }

        var id = _placeCount++;
        ref var place = ref _places[id];
        place = new Place(sequence, state, node, probability, constraint) { Start = Pool.Count };
        Pool.Ask(
            new DraftPlace
            {
                Step = _step,
                Slot = state.Slot,
                Id = id,
                Node = node,
                Parent = parent,
                Context = ContextOf(sequence.Tree, state, node),
                Constraint = state.Constraint,
                ConstraintState = constraint,
                Allowed = allowed,
            },
            sequence.Request.Sampling.Temperature > 0
                ? new GumbelNoise.Key(sequence.Request.Sampling.Seed, state.FirstPosition + sequence.Tree.Depths[node])
                : null);
        place.End = Pool.Count;
        for (var guess = place.Start; guess < place.End; guess++)
        {
            _placeOfGuess[guess] = id;
            _nodeOfGuess[guess] = -1;
            _childOfGuess[guess] = -1;
            _heap.Push(probability * Trusted(Pool.Probability(guess)), guess);
        }

        return id;
    }

    private ReadOnlySpan<int> ContextOf(TokenTree tree, DraftState state, int node)
    {
        state.Context.AsSpan(0, state.ContextLength).CopyTo(_context);
        for (var at = node; at > 0; at = tree.Parents[at])
        {
            _context[state.ContextLength + tree.Depths[at] - 1] = tree.Tokens[at];
        }

        return _context.AsSpan(0, state.ContextLength + tree.Depths[node]);
    }

    private record struct Place(DraftSequence Sequence, DraftState State, int Node, float Probability, ConstraintState ConstraintState)
    {
        public int Start { get; init; }

        public int End { get; set; }
    }
}
