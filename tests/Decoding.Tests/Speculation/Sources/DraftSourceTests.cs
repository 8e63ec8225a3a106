using Connector.Decoding.Constraints;
using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Speculation.Sources;

public sealed class DraftSourceTests
{
    [Fact]
    public void Votes_follow_the_worked_example()
    {
        var index = new OccurrenceIndex(64, 64);
        index.Append([1, 2, 3, 1, 2, 4, 1, 2]);
        var found = new Occurrence[8];
        var candidates = new DraftCandidate[8];

        var count = new OccurrenceVotes(newness: 1).Count(index, found.AsSpan(0, index.Find([1, 2], 8, found)), candidates);

        Assert.Equal([4, 3], candidates[..count].Select(c => c.Token));
        Assert.Equal(1 / 5.6f, candidates[0].Probability, 1e-6f);
        Assert.Equal(candidates[0].Probability, candidates[1].Probability);
        Assert.Equal(candidates[0].Class, candidates[1].Class);
    }

    [Fact]
    public void A_long_match_counts_more_than_many_short_ones()
    {
        var source = new SuffixDraft(SuffixScope.Request, 1024);
        source.Begin(0, [5, 6, 7, 1, 0, 1, 2, 0, 1, 2, 0, 1, 2, 5, 6, 7]);
        source.Commit(0, [1]);
        var candidates = new DraftCandidate[8];

        var guesses = candidates[..source.Propose(Place([5, 6, 7, 1]), candidates)];

        Assert.Equal(0, guesses.MaxBy(c => c.Probability).Token);
    }

    [Fact]
    public void Drafted_tokens_extend_the_match()
    {
        var source = new SuffixDraft(SuffixScope.Request, 1024);
        source.Begin(0, [1, 2, 3, 4, 9, 3, 5, 8, 1]);
        var candidates = new DraftCandidate[8];
        Assert.Equal([2], candidates[..source.Propose(Place([1]), candidates)].Select(c => c.Token));
        Assert.Equal([3], candidates[..source.Propose(Place([1, 2], id: 1, parent: 0), candidates)].Select(c => c.Token));
        Assert.Equal([4], candidates[..source.Propose(Place([1, 2, 3], id: 2, parent: 1), candidates)].Select(c => c.Token));
    }

    [Fact]
    public void Finished_outputs_serve_later_requests_and_the_oldest_go_first()
    {
        var source = new SuffixDraft(SuffixScope.Finished, 64);
        var candidates = new DraftCandidate[8];
        source.Begin(0, [1]);
        source.Commit(0, [7, 8, 9]);
        Assert.Equal(0, source.Propose(Place([7, 8]), candidates));
        source.End(0);
        source.Begin(3, [1]);
        Assert.Equal([9], candidates[..source.Propose(Place([7, 8], slot: 3), candidates)].Select(c => c.Token));

        source.Commit(3, [.. Enumerable.Range(100, 70)]);
        source.End(3);
        Assert.Equal(0, source.Propose(Place([7, 8]), candidates));
        Assert.Equal([150], candidates[..source.Propose(Place([148, 149]), candidates)].Select(c => c.Token));
    }

    [Fact]
    public void Recycling_follows_the_worked_example()
    {
        var source = new TokenRecycling(10);
        var candidates = new DraftCandidate[8];
        Assert.Equal(0, source.Propose(Place([1]), candidates));

        source.Begin(0, [1, 5, 1, 6]);
        Assert.Equal([5, 6], candidates[..source.Propose(Place([1]), candidates)].Select(c => c.Token));

        source.Learn(1, [2, 3], [0.6f, 0.3f]);
        var guesses = candidates[..source.Propose(Place([1]), candidates)];
        Assert.Equal([2, 3], guesses.Select(c => c.Token));
        Assert.Equal([0.448f, 0.14f], guesses.Select(c => c.Probability), (a, b) => Math.Abs(a - b) < 1e-3);
        Assert.All(guesses, g => Assert.InRange(g.Class, 0, source.Classes - 1));

        source.Begin(1, [1, 7]);
        Assert.Equal([2, 3, 7], candidates[..source.Propose(Place([1]), candidates)].Select(c => c.Token));
    }

    [Fact]
    public void Grammar_drafts_the_forced_run_and_asks_for_it_once()
    {
        var constraint = new ForcedRun([4, 5, 6]);
        var source = new GrammarDraft();
        var candidates = new DraftCandidate[8];
        Assert.Equal(0, source.Propose(Place([1]), candidates));
        Assert.Equal(4, Guess(Place([1], constraint: constraint, state: new ConstraintState(0, 0))));
        Assert.Equal(5, Guess(Place([1, 4], 1, 0, constraint: constraint, state: new ConstraintState(1, 0))));
        Assert.Equal(6, Guess(Place([1, 4, 5], 2, 1, constraint: constraint, state: new ConstraintState(2, 0))));
        Assert.Equal(1, constraint.Asked);
        Assert.Equal(0, source.Propose(Place([1, 4, 5, 6], 3, 2, constraint: constraint, state: new ConstraintState(3, 0)), candidates));

        int Guess(DraftPlace place) => source.Propose(place, candidates) == 1 ? candidates[0].Token : -1;
    }

    [Fact]
    public void Grammar_drafts_text_with_and_without_the_spaces_that_are_left_open()
    {
        // After 1 either 4 5 6 or 4 9 5 6: both habits agree on 4, and part behind it.
        var constraint = new Spaced([4, 5, 6], [4, 9, 5, 6]);
        var source = new GrammarDraft();
        var candidates = new DraftCandidate[8];

        Assert.Equal([4], Guess(Place([1], constraint: constraint)));
        Assert.Equal([5, 9], Guess(Place([1, 4], 1, 0, constraint: constraint)));
        Assert.NotEqual(candidates[0].Class, candidates[1].Class);
        Assert.Equal([6], Guess(Place([1, 4, 5], 2, 1, constraint: constraint)));
        Assert.Equal([5], Guess(Place([1, 4, 9], 3, 1, constraint: constraint)));
        Assert.Equal([6], Guess(Place([1, 4, 9, 5], 4, 3, constraint: constraint)));
        Assert.All(candidates[..1], c => Assert.InRange(c.Class, 0, source.Classes - 1));

        int[] Guess(DraftPlace place) => [.. candidates[..source.Propose(place, candidates)].Select(c => c.Token)];
    }

    [Fact]
    public void Grammar_tells_apart_what_may_be_cut_otherwise()
    {
        // The last token of the text is loose; and behind a token that the tokenizer would not have made, all may come otherwise.
        var source = new GrammarDraft();
        var candidates = new DraftCandidate[8];
        var text = new Spaced([4, 5], [4, 5], loose: 1);
        var broken = new Spaced([4, 5], [4, 5], isJoined: false);

        var firm = Guess(Place([1], constraint: text));
        var loose = Guess(Place([1, 4], 1, 0, constraint: text));
        var unjoined = Guess(Place([1], constraint: broken));
        var goesOn = Guess(Place([1, 4], 1, 0, constraint: broken));

        Assert.Equal([4, 5, 4, 5], [firm.Token, loose.Token, unjoined.Token, goesOn.Token]);
        Assert.Equal(4, new[] { firm.Class, loose.Class, unjoined.Class, goesOn.Class }.Distinct().Count());
        Assert.True(loose.Probability < firm.Probability && unjoined.Probability < firm.Probability);
        Assert.Equal([true, true, false, true], [firm.IsConclusive, loose.IsConclusive, unjoined.IsConclusive, goesOn.IsConclusive]);

        DraftCandidate Guess(DraftPlace place) => source.Propose(place, candidates) == 1 ? candidates[0] : default;
    }

    private static DraftPlace Place(
        int[] context, int id = 0, int parent = -1, int slot = 0, ITokenConstraint? constraint = null, ConstraintState state = default) =>
        new() { Step = 1, Slot = slot, Id = id, Node = id, Parent = parent, Context = context, Constraint = constraint, ConstraintState = state };

    private sealed class Spaced(int[] compact, int[] spaced, int loose = 0, bool isJoined = true) : ITokenConstraint
    {
        public ConstraintState Start => default;

        public bool TryAdvance(ref ConstraintState state, int token) => throw new NotSupportedException();

        public TokenMask Mask(in ConstraintState state) => throw new NotSupportedException();

        public int ForcedTokens(in ConstraintState state, Span<int> tokens) => 0;

        public ForcedGuess GuessTokens(in ConstraintState state, OptionalSpaces? spaces, Span<int> tokens)
        {
            int[] run = spaces switch { null => [], OptionalSpaces.Nowhere => compact, _ => spaced };
            run.CopyTo(tokens);
            return new ForcedGuess(run.Length, Math.Max(0, run.Length - loose), isJoined);
        }

        public bool IsComplete(in ConstraintState state) => false;
    }

    private sealed class ForcedRun(int[] run) : ITokenConstraint
    {
        public int Asked { get; private set; }

        public ConstraintState Start => default;

        public bool TryAdvance(ref ConstraintState state, int token) => throw new NotSupportedException();

        public TokenMask Mask(in ConstraintState state) => throw new NotSupportedException();

        public int ForcedTokens(in ConstraintState state, Span<int> tokens)
        {
            Asked += state.Parser < run.Length ? 1 : 0;
            run.AsSpan(state.Parser).CopyTo(tokens);
            return run.Length - state.Parser;
        }

        public bool IsComplete(in ConstraintState state) => state.Parser == run.Length;
    }
}
