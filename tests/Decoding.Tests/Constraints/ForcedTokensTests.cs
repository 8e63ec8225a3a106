using Connector.Decoding.Constraints;
using Connector.Decoding.Tests.Constraints.Support;

namespace Connector.Decoding.Tests.Constraints;

public class ForcedTokensTests
{
    [Fact]
    public void What_must_follow_is_cut_as_the_tokenizer_cuts_it()
    {
        // After {" only name": and a space can follow; the tokenizer takes the longest piece.
        Assert.Equal(["name", "\":", " "], Forced("root ::= \"{\\\"name\\\": \" [0-9]+ \"}\"", ["{\""], "{\"", "na", "me", "name", "\":", " ", "1", "}", "n", "a"));
    }

    [Fact]
    public void A_token_that_could_reach_over_the_end_is_given_back()
    {
        // Forced is name":_ and then a digit; a piece ":_1 exists, so the end is the tokenizer's to decide.
        Assert.Equal(["name"], Forced("root ::= \"{\\\"name\\\": \" [0-9]+ \"}\"", ["{\""], "{\"", "name", "\":", " ", "\": 1", "1", "2", "}"));
    }

    [Fact]
    public void At_the_end_of_the_text_nothing_is_given_back()
    {
        Assert.Equal(["ab", "c"], Forced("root ::= \"x\" \"abc\"", ["x"], "x", "ab", "c", "cd", "a", "b"));
    }

    [Fact]
    public void Where_there_is_a_choice_nothing_is_forced()
    {
        Assert.Empty(Forced("root ::= \"a\"*", [], "a", "b"));
        Assert.Empty(Forced("root ::= \"a\" \"b\"?", ["a"], "a", "b"));
        Assert.Empty(Forced("root ::= \"a\" (\"b\" | \"c\")", ["a"], "a", "b", "c"));
    }

    [Fact]
    public void The_token_before_decides_how_the_text_is_cut()
    {
        // Behind x the tokenizer would have made xab one token; it is too late for that, so ab is cut by itself.
        Assert.Equal(["ab"], Forced("root ::= \"xab\"", ["x"], "x", "a", "b", "ab", "xab"));
    }

    [Fact]
    public void Forced_tokens_are_allowed_and_few_fit_a_short_span()
    {
        var vocabulary = Vocabularies.Of("a", "b", "c", "<end>");
        var constraint = ConstraintCompiler.CompileGbnf("root ::= \"abcabc\"", vocabulary);
        Span<int> two = stackalloc int[2];
        Assert.Equal(2, constraint.ForcedTokens(constraint.Start, two));
        Assert.Equal([0, 1], two.ToArray());
        var state = constraint.Start;
        Span<int> all = stackalloc int[10];
        var count = constraint.ForcedTokens(state, all);
        foreach (var token in all[..count])
        {
            Assert.True(constraint.TryAdvance(ref state, token));
        }

        Assert.True(constraint.IsComplete(state));
    }

    private const string Pair = """root ::= "{" " "? "\"a\"" " "? ":" " "? [0-9] " "? "," " "? "\"b\"" " "? ":" " "? "\"" [a-z ,]* "\"" " "? "}" """;

    [Fact]
    public void Spaces_that_may_stand_or_not_are_guessed_by_habit()
    {
        string[] pieces = ["{", "\"", "a", "b", ":", " ", ",", "1", "2", "}"];

        Assert.Empty(Forced(Pair, ["{"], pieces));
        Assert.Equal(["\"", "a", "\"", ":"], Guessed(Pair, OptionalSpaces.Nowhere, ["{"], pieces));
        Assert.Equal(["\"", "a", "\"", ":", " "], Guessed(Pair, OptionalSpaces.AfterSeparators, ["{"], pieces));
        Assert.Equal([",", "\"", "b", "\"", ":", "\""], Guessed(Pair, OptionalSpaces.Nowhere, ["{", "\"", "a", "\"", ":", "1"], pieces));
        Assert.Equal([",", " ", "\"", "b", "\"", ":", " ", "\""], Guessed(Pair, OptionalSpaces.AfterSeparators, ["{", "\"", "a", "\"", ":", "1"], pieces));
    }

    [Fact]
    public void The_token_before_says_whether_a_space_is_usual()
    {
        string[] pieces = ["{", "\"", "a", "b", ":", " ", ",", "1", "2", "}"];

        Assert.Equal([" "], Guessed(Pair, OptionalSpaces.AfterSeparators, ["{", "\"", "a", "\"", ":"], pieces));
        Assert.Empty(Guessed(Pair, OptionalSpaces.Nowhere, ["{", "\"", "a", "\"", ":"], pieces));
        Assert.Equal(["\"", "b", "\"", ":", "\""], Guessed(Pair, OptionalSpaces.Nowhere, ["{", "\"", "a", "\"", ":", "1", ","], pieces));
        Assert.Equal([" ", "\"", "b", "\"", ":", " ", "\""], Guessed(Pair, OptionalSpaces.AfterSeparators, ["{", "\"", "a", "\"", ":", "1", ","], pieces));
    }

    [Fact]
    public void A_space_inside_of_braces_is_a_habit_too()
    {
        string[] pieces = ["{", "\"", "a", "b", ":", " ", ",", "1", "2", "}"];

        Assert.Equal([" ", "\"", "a", "\"", ":", " "], Guessed(Pair, OptionalSpaces.InsideBraces, ["{"], pieces));
        Assert.Equal([" ", "}"], Guessed(Pair, OptionalSpaces.InsideBraces, ["{", "\"", "a", "\"", ":", "1", ",", "\"", "b", "\"", ":", "\"", "\""], pieces));
        Assert.Equal(["}"], Guessed(Pair, OptionalSpaces.AfterSeparators, ["{", "\"", "a", "\"", ":", "1", ",", "\"", "b", "\"", ":", "\"", "\""], pieces));
    }

    [Fact]
    public void A_space_is_guessed_once_where_any_number_may_stand()
    {
        Assert.Equal([" ", "}"], Guessed("""root ::= "x" " "* "}" """, OptionalSpaces.InsideBraces, ["x"], ["x", " ", "}"]));
    }

    [Fact]
    public void Text_is_guessed_to_its_end_and_what_the_tokenizer_may_cut_otherwise_is_told()
    {
        // After "b" may come anything, so the last quote may become part of "\"x"; and whoever writes "a" where the tokenizer has "ab" cuts in his own way.
        string[] pieces = ["a", "b", "ab", "\"", "\"x", "x"];
        const string grammar = """root ::= "ab" "\"" [a-z]*""";
        var vocabulary = Vocabularies.Of([.. pieces, "<end>"]);
        var constraint = ConstraintCompiler.CompileGbnf(grammar, vocabulary);
        var (state, tokens) = (constraint.Start, new int[32]);

        Assert.Equal(new ForcedGuess(2, 1, IsJoined: true), constraint.GuessTokens(state, null, tokens));
        Assert.Equal(["ab", "\""], tokens[..2].Select(vocabulary.Written));
        Assert.Equal(1, constraint.ForcedTokens(state, tokens));

        Assert.True(constraint.TryAdvance(ref state, 0));
        Assert.False(constraint.GuessTokens(state, null, tokens).IsJoined);
    }

    [Fact]
    public void A_space_within_text_is_no_habit()
    {
        string[] pieces = ["x", "y", " ", ",", "\"", "}"];

        Assert.Empty(Guessed("root ::= \"\\\"\" [a-z ,]* \"\\\"\"", OptionalSpaces.AfterSeparators, ["\"", "x", ","], pieces));
    }

    private static string[] Forced(string grammar, string[] before, params string[] pieces) => Guessed(grammar, null, before, pieces);

    private static string[] Guessed(string grammar, OptionalSpaces? spaces, string[] before, string[] pieces)
    {
        var vocabulary = Vocabularies.Of([.. pieces, "<end>"]);
        var constraint = ConstraintCompiler.CompileGbnf(grammar, vocabulary);
        var state = constraint.Start;
        foreach (var piece in before)
        {
            Assert.True(constraint.TryAdvance(ref state, Array.IndexOf(pieces, piece)));
        }

        var tokens = new int[32];
        var count = constraint.GuessTokens(state, spaces, tokens).Firm;
        return [.. tokens[..count].Select(vocabulary.Written)];
    }
}
