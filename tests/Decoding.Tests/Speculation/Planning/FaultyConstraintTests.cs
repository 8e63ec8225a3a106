using Connector.Decoding.Constraints;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Connector.Decoding.Speculation;
using Connector.Decoding.Tests.Engine;
using static Connector.Decoding.Tests.Engine.EngineHarness;

namespace Connector.Decoding.Tests.Speculation.Planning;

/// <summary>A constraint that throws on a path that was only guessed costs its own request its drafts, and nobody else anything.</summary>
public sealed class FaultyConstraintTests
{
    private static readonly double[] Flat = [10, 10, 10, 10, 10, 10, 10, 10, 10, 10];
    private static readonly int[] Text = [.. Enumerable.Repeat(Enumerable.Range(1, 10), 3).SelectMany(t => t)];

    [Theory]
    [InlineData(nameof(ITokenConstraint.TryAdvance))]
    [InlineData(nameof(ITokenConstraint.Mask))]
    [InlineData(nameof(ITokenConstraint.ForcedTokens))]
    public void Its_request_is_drafted_no_more_and_the_others_are(string member)
    {
        using var planner = new DraftPlanner(
            [new GrammarDraft(), new SuffixDraft(SuffixScope.Request, 1024)], Curves.Through(Flat), TimeProvider.System);
        var constraint = new ThrowingAt(member, depth: 3);
        DraftSequence[] sequences = [Sequence(constraint), Sequence(null)];
        foreach (var sequence in sequences)
        {
            planner.Begin(sequence);
        }

        Plan(planner, sequences);
        Assert.InRange(sequences[0].Tree.Count, 1, 1 + 4);
        Assert.True(sequences[1].Tree.Count > 1 + 4, $"{sequences[1].Tree.Count}");
        Assert.Equal(1, constraint.Thrown);
        foreach (var sequence in sequences)
        {
            sequence.History.Append(1);
            planner.Committed(sequence, [], [1]);
        }

        var calls = constraint.Calls;
        Plan(planner, sequences);
        Assert.Equal(1, sequences[0].Tree.Count);
        Assert.True(sequences[1].Tree.Count > 1);
        Assert.Equal(calls, constraint.Calls);
    }

    [Fact]
    public void The_slot_drafts_again_for_the_next_request()
    {
        using var planner = new DraftPlanner([new SuffixDraft(SuffixScope.Request, 1024)], Curves.Through(Flat), TimeProvider.System);
        DraftSequence[] faulty = [Sequence(new ThrowingAt(nameof(ITokenConstraint.Mask), depth: 0))];
        planner.Begin(faulty[0]);
        Plan(planner, faulty);
        planner.End(faulty[0]);
        DraftSequence[] sound = [Sequence(new ThrowingAt("", depth: 0))];
        planner.Begin(sound[0]);
        Plan(planner, sound);
        Assert.Equal((1, true), (faulty[0].Tree.Count, sound[0].Tree.Count > 1));
    }

    [Fact]
    public void An_engine_goes_on_drafting()
    {
        for (ulong seed = 0; seed < 10; seed++)
        {
            var model = new ScriptedModel { Habit = 6 };
            var log = new ErrorLog();
            var setup = new SpeculationSetup { Clock = new StoppedClock() };
            using var engine = Create(model, new EngineOptions { Drafting = Connector.Speculation.Auto.Drafting(model, setup) }, new StoppedClock(), log);
            var request = Request("bcdefghbcdefgh", 40, seed);
            var text = Alone(model, request, engine.ContextTokens).Text;
            Assert.Equal(text, RunToEnd(engine, engine.Submit(request with { Constraint = new OnlyAlong(text) })));
            Assert.Empty(log.Errors);
            var other = engine.Submit(Request("bcdefghbcdefgh", 40, temperature: 0));
            RunToEnd(engine, other);
            Assert.True(other.Usage.Accepted > 0);
        }
    }

    private static DraftSequence Sequence(ITokenConstraint? constraint)
    {
        var request = new GenerationRequest { Prompt = Text, Sampling = SamplingOptions.Greedy, Constraint = constraint };
        return new DraftSequence(request, new TokenHistory(Text, 16), 30) { MaxNodes = 30, MaxDepth = 20, MaxLeaves = 8 };
    }

    private static void Plan(DraftPlanner planner, DraftSequence[] sequences)
    {
        foreach (var sequence in sequences)
        {
            sequence.Tree.Reset(sequence.History.Tokens[^1]);
        }

        planner.Plan(sequences, new StepBudget(40, 0, 60));
    }

    /// <summary>Allows everything until one of its members is asked so many tokens further on.</summary>
    private sealed class ThrowingAt(string member, int depth) : ITokenConstraint
    {
        private static readonly TokenMask Everything = TokenMask.FromTokens(Enumerable.Range(0, 64));

        public int Calls { get; private set; }

        public int Thrown { get; private set; }

        public ConstraintState Start => default;

        public bool TryAdvance(ref ConstraintState state, int token)
        {
            Check(nameof(TryAdvance), state);
            state = state with { Parser = state.Parser + 1 };
            return true;
        }

        public TokenMask Mask(in ConstraintState state)
        {
            Check(nameof(Mask), state);
            return Everything;
        }

        public int ForcedTokens(in ConstraintState state, Span<int> tokens)
        {
            Check(nameof(ForcedTokens), state);
            return 0;
        }

        public bool IsComplete(in ConstraintState state) => false;

        private void Check(string called, in ConstraintState state)
        {
            Calls++;
            if (called == member && state.Parser >= depth)
            {
                Thrown++;
                throw new ConstraintTooComplexException();
            }
        }
    }

    /// <summary>Allows everything, and throws off the text that is to come.</summary>
    private sealed class OnlyAlong(string text) : ITokenConstraint
    {
        private static readonly TokenMask Everything = TokenMask.FromTokens(Enumerable.Range(0, ScriptedModel.VocabularySize));

        public ConstraintState Start => default;

        public bool TryAdvance(ref ConstraintState state, int token)
        {
            if (state.Parser > text.Length || token != (state.Parser == text.Length ? 0 : text[state.Parser] - 'a'))
            {
                throw new ConstraintTooComplexException();
            }

            state = state with { Parser = state.Parser + 1 };
            return true;
        }

        public TokenMask Mask(in ConstraintState state) => Everything;

        public int ForcedTokens(in ConstraintState state, Span<int> tokens) => 0;

        public bool IsComplete(in ConstraintState state) => true;
    }
}
