using System.Collections.Immutable;
using Connector.Decoding.Constraints;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Speculation.Planning;

public sealed class DraftPlannerTests
{
    private const int Vocabulary = 64;
    private static readonly double[] s_flat = [10, 10, 10, 10, 10, 10, 10, 10, 10, 10];

    [Fact]
    public void The_tree_is_the_likeliest_connected_one_at_every_size()
    {
        // A source whose word is law: with no history the calibration passes its estimates on.
        var table = new TableSource(seed: 1);
        var grower = new DraftGrower([table]);
        var (sequence, state) = Sequence([1], maxNodes: 40, maxDepth: 4, maxLeaves: 40);
        sequence.Tree.Reset(1);
        grower.Clear();
        grower.Plant(sequence, state);
        var grown = new List<float>();
        while (grown.Count < 30)
        {
            grown.Add(grower.Best);
            Assert.NotNull(grower.Grow());
            grower.Extend(grower.Grown);
        }

        var all = new List<float>();
        Enumerate(table, 1, 1, 0, all);
        var expected = all.OrderDescending().Take(30).ToArray();
        Assert.Equal(expected, grown, (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Equal(expected, sequence.Tree.Probabilities[1..].ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Theory]
    [InlineData(5, 9, 9)]
    [InlineData(30, 2, 9)]
    [InlineData(30, 9, 1)]
    [InlineData(30, 9, 3)]
    [InlineData(1, 9, 9)]
    [InlineData(9, 0, 9)]
    public void Limits_of_a_sequence_hold(int maxNodes, int maxDepth, int maxLeaves)
    {
        using var planner = Planner(new TableSource(seed: 2));
        var (sequence, _) = Sequence([1, 2, 3], maxNodes, maxDepth, maxLeaves);
        planner.Begin(sequence);
        sequence.Tree.Reset(3);
        planner.Plan([sequence], new StepBudget(64, 0, 3));

        var tree = sequence.Tree;
        Assert.True(tree.Count <= maxNodes);
        Assert.True(tree.Depths.ToArray().Max() <= maxDepth);
        Assert.True(Enumerable.Range(0, tree.Count).Count(n => n > 0 && tree.IsLeaf(n)) <= maxLeaves);
        Assert.Equal(maxNodes > 1 && maxDepth > 0, tree.Count > 1);
    }

    [Fact]
    public void The_next_node_goes_where_it_gains_most()
    {
        // Slot 0's text repeats itself, slot 1's does not: the shared budget goes to slot 0.
        using var planner = Planner(new SuffixDraft(SuffixScope.Request, 1024));
        var (sure, _) = Sequence([.. Enumerable.Repeat(Enumerable.Range(1, 10), 3).SelectMany(t => t)], 30, 30, 30);
        var (unsure, _) = Sequence([.. Enumerable.Range(1, 30), 5], 30, 30, 30);
        foreach (var sequence in (DraftSequence[])[sure, unsure])
        {
            planner.Begin(sequence);
            sequence.Tree.Reset(sequence.History.Tokens[^1]);
        }

        planner.Plan([sure, unsure], new StepBudget(12, 0, 60));

        Assert.True(sure.Tree.Count + unsure.Tree.Count <= 14);
        Assert.True(sure.Tree.Count > unsure.Tree.Count, $"{sure.Tree.Count} against {unsure.Tree.Count}");
        Assert.Equal(Enumerable.Range(0, sure.Tree.Count - 1).Select(i => (i % 10) + 1), sure.Tree.Tokens[1..].ToArray());
    }

    [Fact]
    public void Illegal_guesses_are_never_in_the_tree()
    {
        using var planner = Planner(new TableSource(seed: 3));
        var (sequence, _) = Sequence([1, 2, 3], 40, 9, 40, new EvenTokens());
        planner.Begin(sequence);
        sequence.Tree.Reset(3);
        planner.Plan([sequence], new StepBudget(64, 0, 3));

        Assert.True(sequence.Tree.Count > 1);
        Assert.All(sequence.Tree.Tokens[1..].ToArray(), t => Assert.Equal(0, t % 2));
    }

    [Fact]
    public void A_text_that_repeats_itself_is_drafted_and_noise_is_not()
    {
        Assert.True(Mat(Enumerable.Range(0, 2000).Select(i => i % 37)) > 6);
        var random = new Random(1);
        Assert.True(Mat(Enumerable.Range(0, 2000).Select(_ => random.Next(Vocabulary))) < 1.2);
    }

    [Fact]
    public void A_steady_step_allocates_nothing()
    {
        using var planner = Planner(
            new GrammarDraft(), new SuffixDraft(SuffixScope.Request, 1 << 14), new SuffixDraft(SuffixScope.Finished, 1 << 14), new TokenRecycling(Vocabulary));
        var random = new Random(1);
        int[] text = [.. Enumerable.Range(0, 12000).Select(i => random.Next(4) == 0 ? random.Next(Vocabulary) : i % 29)];
        var run = new Run(planner, text);
        run.Steps(3000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        run.Steps(200);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Statistics_add_up()
    {
        using var planner = Planner(new SuffixDraft(SuffixScope.Request, 1 << 14), new TokenRecycling(Vocabulary));
        var run = new Run(planner, [.. Enumerable.Range(0, 2000).Select(i => i % 20)]);
        run.Steps(50);

        var statistics = planner.Statistics.Snapshot();
        Assert.Equal(50, statistics.Steps);
        Assert.Equal(run.Done, statistics.Committed);
        Assert.Equal(statistics.Committed, statistics.Steps + statistics.Accepted.Sum());
        Assert.True(statistics.Accepted.Sum() <= statistics.Drafted.Sum());
    }

    private static void Enumerate(TableSource table, int token, float probability, int depth, List<float> all)
    {
        if (depth == 4)
        {
            return;
        }

        foreach (var (next, p) in table.After(token))
        {
            var discounted = p * (0.98f - (0.1f * (1 - p)));
            all.Add(probability * discounted);
            Enumerate(table, next, probability * discounted, depth + 1, all);
        }
    }

    private static double Mat(IEnumerable<int> text)
    {
        using var planner = Planner(new SuffixDraft(SuffixScope.Request, 1 << 14), new TokenRecycling(Vocabulary));
        var run = new Run(planner, [.. text]);
        run.Steps(100);
        var statistics = planner.Statistics.Snapshot();
        return (double)statistics.Committed / statistics.Steps;
    }

    private static DraftPlanner Planner(params IDraftSource[] sources) =>
        new(sources, Curves.Through(s_flat), TimeProvider.System);

    private static (DraftSequence Sequence, DraftState State) Sequence(
        int[] prompt, int maxNodes, int maxDepth, int maxLeaves, ITokenConstraint? constraint = null)
    {
        var request = new GenerationRequest { Prompt = prompt, Sampling = SamplingOptions.Greedy, Constraint = constraint };
        var sequence = new DraftSequence(request, new TokenHistory(prompt, 16), maxNodes)
        {
            MaxNodes = maxNodes,
            MaxDepth = maxDepth,
            MaxLeaves = maxLeaves,
        };
        return (sequence, new DraftState(0));
    }

    /// <summary>Every token has three next tokens with fixed estimates, distinct along any path of four.</summary>
    private sealed class TableSource : IDraftSource
    {
        private readonly ImmutableArray<(int Token, float Probability)>[] _next;

        public TableSource(int seed)
        {
            var random = new Random(seed);
            _next = [.. Enumerable.Range(0, Vocabulary).Select(_ => Row(random))];
        }

        public string Name => "table";

        public int Classes => 1;

        public ImmutableArray<(int Token, float Probability)> After(int token) => _next[token];

        public void Begin(int slot, ReadOnlySpan<int> prompt)
        {
        }

        public void Commit(int slot, ReadOnlySpan<int> tokens)
        {
        }

        public void End(int slot)
        {
        }

        public void Learn(int token, ReadOnlySpan<int> next, ReadOnlySpan<float> probabilities)
        {
        }

        public int Propose(in DraftPlace place, Span<DraftCandidate> candidates)
        {
            var row = _next[place.Context[^1]];
            for (var i = 0; i < row.Length; i++)
            {
                candidates[i] = new DraftCandidate(row[i].Token, row[i].Probability, 0);
            }

            return row.Length;
        }

        private static ImmutableArray<(int, float)> Row(Random random)
        {
            var tokens = Enumerable.Range(0, Vocabulary).OrderBy(_ => random.Next()).Take(3);
            return [.. tokens.Select(t => (t, 0.1f + (0.5f * random.NextSingle())))];
        }
    }

    private sealed class EvenTokens : ITokenConstraint
    {
        public ConstraintState Start => default;

        public bool TryAdvance(ref ConstraintState state, int token) => token % 2 == 0;

        public TokenMask Mask(in ConstraintState state) => TokenMask.FromTokens(Enumerable.Range(0, Vocabulary / 2).Select(t => 2 * t));

        public int ForcedTokens(in ConstraintState state, Span<int> tokens) => 0;

        public bool IsComplete(in ConstraintState state) => false;
    }

    /// <summary>Plays a text that the model is to have said, step by step.</summary>
    private sealed class Run
    {
        private readonly DraftPlanner _planner;
        private readonly int[] _text;
        private readonly DraftSequence[] _sequence;
        private readonly int[] _path = new int[64];
        private readonly float[] _logits = new float[Vocabulary];

        public Run(DraftPlanner planner, int[] text)
        {
            _planner = planner;
            _text = text;
            var request = new GenerationRequest { Prompt = text.AsMemory(0, 1), Sampling = SamplingOptions.Greedy };
            _sequence = [new DraftSequence(request, new TokenHistory(text.AsSpan(0, 1), text.Length), 32) { MaxNodes = 32, MaxDepth = 20, MaxLeaves = 8 }];
            _planner.Begin(_sequence[0]);
        }

        public int Done { get; private set; }

        public void Steps(int count)
        {
            for (var i = 0; i < count; i++)
            {
                Step();
            }
        }

        private void Step()
        {
            var sequence = _sequence[0];
            var tree = sequence.Tree;
            var budget = new StepBudget(31, 0, sequence.History.Count);
            tree.Reset(_text[Done]);
            _planner.Plan(_sequence, budget);
            var accepted = 0;
            for (var node = tree.FindChild(0, _text[Done + 1]); node >= 0; node = tree.FindChild(node, _text[Done + 1 + accepted]))
            {
                _path[accepted++] = node;
            }

            for (var node = 0; node < tree.Count; node++)
            {
                Array.Fill(_logits, 0f);
                _logits[(tree.Tokens[node] + 1) % Vocabulary] = 3;
                _planner.ObserveLogits(sequence, node, _logits);
            }

            var tokens = _text.AsSpan(Done + 1, accepted + 1);
            foreach (var token in tokens)
            {
                sequence.History.Append(token);
            }

            _planner.Committed(sequence, _path.AsSpan(0, accepted), tokens);
            _planner.StepCompleted(budget, tree.Count, TimeSpan.FromMilliseconds(10));
            Done += tokens.Length;
        }
    }
}
