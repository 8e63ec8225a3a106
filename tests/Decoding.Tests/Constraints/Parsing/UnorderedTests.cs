using Connector.Decoding.Constraints;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;
using Connector.Decoding.Tests.Constraints.Support;

namespace Connector.Decoding.Tests.Constraints.Parsing;

public class UnorderedTests
{
    [Fact]
    public void Takes_each_item_once_in_any_order_within_the_bounds()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            (char Letter, bool Required, bool Repeats)[] items = [.. "abc".Select(c => random.Next(3) switch
            {
                0 => (c, true, false),
                1 => (c, false, false),
                _ => (c, false, random.Next(2) == 0),
            })];
            var min = random.Next(4);
            var max = random.Next(3) == 0 ? int.MaxValue : random.Next(5);
            var grammar = new Grammar(new RegexSet());
            grammar.Start = grammar.Unordered(
                [.. items.Select(i => new Grammar.UnorderedItem(grammar.Text($"{i.Letter}"), i.Required, i.Repeats))],
                grammar.Text(","),
                min,
                max);
            string[] accepted = [.. Lists(5).Where(list => IsRight(list, items, min, max))];
            var vocabulary = Vocabularies.Of("a", "b", "c", ",", "a,", ",b", "<end>");
            if (accepted.Length == 0)
            {
                Assert.Throws<UnsatisfiableConstraintException>(() => CompiledConstraint.Create(grammar, vocabulary));
                continue;
            }

            var constraint = CompiledConstraint.Create(grammar, vocabulary);
            foreach (var list in Lists(5))
            {
                Assert.True(accepted.Contains(list) == Accepts(constraint, list), $"seed {seed}: '{list}' {min}..{max} {string.Join(' ', items)}");
                Assert.True(!accepted.Any(a => a.StartsWith(list, StringComparison.Ordinal)) || IsAlive(constraint, list), $"seed {seed}: '{list}'");
            }
        }
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 2)]
    public void Extra_items_come_after_the_required_ones_up_to_their_number(bool required, int extra)
    {
        var grammar = new Grammar(new RegexSet());
        Grammar.UnorderedItem[] items = [new(grammar.Text("a"), required), new(grammar.Text("b"), Required: false)];
        grammar.Start = grammar.Unordered(extra == 0 ? items : [.. items, new(grammar.Text("c"), Required: false, Extra: extra)], grammar.Text(","));
        var constraint = CompiledConstraint.Create(grammar, Vocabularies.Of("a", "b", "c", ",", "a,", ",b", "<end>"));
        foreach (var list in Lists(5))
        {
            int Times(char letter) => list.Count(c => c == letter);
            var first = list.IndexOf('c', StringComparison.Ordinal);
            var right = (list.Length == 0 || list.Split(',').All(i => i.Length == 1))
                && Times('a') <= 1 && Times('b') <= 1 && Times('c') <= extra
                && (!required || (Times('a') == 1 && (first < 0 || list.IndexOf('a', StringComparison.Ordinal) < first)));
            Assert.True(right == Accepts(constraint, list), $"'{list}'");
        }
    }

    [Fact]
    public void Guards_that_lock_up_are_never_entered()
    {
        // Three a's lead into a rule that no guard lets end; so only two are allowed.
        var grammar = new Grammar(new RegexSet());
        var count = new ParameterField(0, 8);
        var rule = grammar.Rule("r");
        grammar.Add(rule, Guard.Within(count, 1, 2));
        grammar.Add(rule, Guard.Within(count, 0, 9), grammar.Text("a"), grammar.Call(rule, ParameterChange.Count(count)));
        grammar.Start = rule;
        var constraint = CompiledConstraint.Create(grammar, Vocabularies.Of("a", "aa", "aaa", "<end>"));
        Assert.True(Accepts(constraint, "aa"));
        Assert.False(IsAlive(constraint, "aaa"));
        Assert.Equal([0, 1], constraint.Mask(constraint.Start).Tokens.ToArray());
    }

    private static bool Accepts(CompiledConstraint constraint, string text)
    {
        var state = constraint.Start;
        return Advance(constraint, text, ref state) && constraint.IsComplete(state);
    }

    private static bool IsAlive(CompiledConstraint constraint, string text)
    {
        var state = constraint.Start;
        return Advance(constraint, text, ref state);
    }

    private static bool Advance(CompiledConstraint constraint, string text, ref ConstraintState state)
    {
        foreach (var c in text)
        {
            if (!constraint.TryAdvance(ref state, Array.IndexOf(['a', 'b', 'c', ','], c)))
            {
                return false;
            }

            Assert.True(constraint.Mask(state).Count > 0);
        }

        return true;
    }

    private static bool IsRight(string list, (char Letter, bool Required, bool Repeats)[] items, int min, int max)
    {
        char[] letters = list.Length == 0 ? [] : [.. list.Split(',').Select(static part => part.Length == 1 ? part[0] : '?')];
        return letters.Length >= min && letters.Length <= max
            && letters.All(letter => items.Any(i => i.Letter == letter))
            && items.All(i => (!i.Required || letters.Contains(i.Letter)) && (i.Repeats || letters.Count(l => l == i.Letter) <= 1));
    }

    private static IEnumerable<string> Lists(int most)
    {
        IEnumerable<string> level = ["a", "b", "c"];
        yield return "";
        for (var length = 1; length <= most; length++)
        {
            foreach (var list in level)
            {
                yield return list;
            }

            level = [.. level.SelectMany(list => "abc".Select(c => $"{list},{c}"))];
        }
    }
}
