using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Reasoning;
using Connector.Tests.Templates;

namespace Connector.Tests.Reasoning;

/// <summary>The bias towards the closing tag; that thoughts are ended is shown by the client's tests.</summary>
public class ReasoningBudgetTests
{
    private const int CloseToken = ToyVocabulary.Begin + 1;
    private static readonly TokenBias s_wish = new('w', 1.5f);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    [InlineData(101)]
    public void The_closing_tag_gains_from_half_of_the_budget_to_its_end(int budget)
    {
        var (constraint, state) = Inside(budget);
        var before = -1f;
        for (var used = 0; used < budget + (budget / 4); used++)
        {
            var bias = constraint.Bias(state);
            Assert.Equal(used * 2 <= budget, bias.Logits == 0);
            Assert.InRange(bias.Logits, before, ReasoningBudget.LargestBias);
            Assert.Equal(used >= budget, bias.Logits == ReasoningBudget.LargestBias);
            Assert.True(bias.Logits == 0 || bias.Token == CloseToken);
            before = bias.Logits;
            Assert.True(constraint.TryAdvance(ref state, 'x'));
        }
    }

    [Fact]
    public void Outside_of_the_thoughts_there_is_none()
    {
        var vocabulary = Vocabulary(isControl: true);
        var constraint = Make(vocabulary, startsInside: false, budget: 4, inner: null);
        var state = constraint.Start;
        foreach (var c in "<think>")
        {
            Assert.Equal(default, constraint.Bias(state));
            Assert.True(constraint.TryAdvance(ref state, c));
        }

        Advance(constraint, ref state, "1234");
        Assert.Equal(ReasoningBudget.LargestBias, constraint.Bias(state).Logits);
        Assert.True(constraint.TryAdvance(ref state, '.'));
        while (constraint.Mask(state) is { Count: 1 } forced)
        {
            Assert.Equal(default, constraint.Bias(state));
            Assert.True(constraint.TryAdvance(ref state, forced.Tokens[0]));
        }

        Advance(constraint, ref state, "The answer, which is longer than the budget.");
        Assert.Equal(default, constraint.Bias(state));
    }

    [Fact]
    public void Within_what_may_be_the_closing_tag_there_is_none()
    {
        var constraint = Make(Vocabulary(isControl: false), startsInside: true, budget: 30, inner: null);
        var state = constraint.Start;
        Advance(constraint, ref state, new string('x', 25));
        Assert.Equal('<', constraint.Bias(state).Token);
        foreach (var c in "</thin")
        {
            Advance(constraint, ref state, $"{c}");
            Assert.Equal(default, constraint.Bias(state));
        }

        Advance(constraint, ref state, "g");
        Assert.Equal(new TokenBias('<', ReasoningBudget.LargestBias), constraint.Bias(state));
    }

    [Fact]
    public void Where_the_budget_says_nothing_the_constraint_within_is_heard()
    {
        var (constraint, state) = Inside(budget: 4, new Wishing());
        Assert.Equal(s_wish, constraint.Bias(state));
        Advance(constraint, ref state, "123");
        Assert.Equal(CloseToken, constraint.Bias(state).Token);
        Assert.True(constraint.TryAdvance(ref state, CloseToken));
        Assert.Equal(s_wish, constraint.Bias(state));
    }

    private static (ReasoningBudget Constraint, ConstraintState State) Inside(int budget, ITokenConstraint? inner = null)
    {
        var constraint = Make(Vocabulary(isControl: true), startsInside: true, budget, inner);
        return (constraint, constraint.Start);
    }

    private static ReasoningBudget Make(Vocabulary vocabulary, bool startsInside, int budget, ITokenConstraint? inner)
    {
        int[] Tokens(string text) => vocabulary.Tokenize(text, parseSpecial: true);
        var tags = new ReasoningTags("<think>", "</think>");
        return new ReasoningBudget(vocabulary, tags, startsInside, budget, Tokens(tags.Close)[0], Tokens(ReasoningBudget.ClosingSentence + tags.Close), inner);
    }

    private static Vocabulary Vocabulary(bool isControl) => ToyVocabulary.Create(addsBegin: false, isControl ? ["</think>"] : []);

    private static void Advance(ReasoningBudget constraint, ref ConstraintState state, string text)
    {
        foreach (var c in text)
        {
            Assert.True(constraint.TryAdvance(ref state, c));
        }
    }

    private sealed class Wishing : ITokenConstraint
    {
        public ConstraintState Start => default;

        public bool TryAdvance(ref ConstraintState state, int token) => true;

        public TokenMask Mask(in ConstraintState state) => TokenMask.FromTokens(s_wish.Token);

        public TokenBias Bias(in ConstraintState state) => s_wish;

        public int ForcedTokens(in ConstraintState state, Span<int> tokens) => 0;

        public bool IsComplete(in ConstraintState state) => true;
    }
}
