using Connector.Decoding.Constraints;
using Connector.Decoding.Constraints.Lexing;
using Connector.Decoding.Constraints.Patterns;
using Connector.Decoding.Tests.Constraints.JsonSchema;

namespace Connector.Decoding.Tests.Constraints.Patterns;

public sealed class PatternTests
{
    [Theory]
    [InlineData("b", new[] { "b", "abc" }, new[] { "", "ac" })]
    [InlineData("^b", new[] { "b", "bc" }, new[] { "ab" })]
    [InlineData("b$", new[] { "b", "ab" }, new[] { "ba" })]
    [InlineData("^(a|b$)", new[] { "a", "ax", "b" }, new[] { "bx", "xa" })]
    [InlineData("^a|b$", new[] { "ax", "xb" }, new[] { "xa", "bx" })]
    [InlineData("(^|x)a", new[] { "a", "xa", "bxa" }, new[] { "ba" })]
    [InlineData("a^b", new string[0], new[] { "ab", "a^b" })]
    [InlineData("^$", new[] { "" }, new[] { "a" })]
    [InlineData("^[^a-c\\d]+$", new[] { "xyz", "é😀" }, new[] { "a", "x1", "" })]
    [InlineData("^[\\w.-]+$", new[] { "a-b.c_1" }, new[] { "a b", "é" })]
    [InlineData("^\\s\\S$", new[] { " a", "\u00a0a" }, new[] { "a ", "\u0085a" })]
    [InlineData("^.$", new[] { "a", "😀" }, new[] { "\n", "\u2028", "ab" })]
    [InlineData("^\\u{1F600}|\\ud83d\\ude01$", new[] { "😀", "😁" }, new[] { "😂" })]
    [InlineData("^\\x41\\u0042\\cJ\\0$", new[] { "AB\n\0" }, new[] { "AB" })]
    [InlineData("^a{2}b{1,}c{0,2}$", new[] { "aab", "aabbbcc" }, new[] { "ab", "aabccc" })]
    [InlineData("^a{,2}$", new[] { "a{,2}" }, new[] { "aa" })]
    [InlineData("^x{y}$", new[] { "x{y}" }, new[] { "x" })]
    [InlineData("^(?:ab)+?$", new[] { "ab", "abab" }, new[] { "a", "aba" })]
    [InlineData("^(?<year>\\d{4})$", new[] { "2024" }, new[] { "24" })]
    [InlineData("^(?=.*a)(?!.*b).*$", new[] { "xa", "a" }, new[] { "xab", "x" })]
    [InlineData("^a(?=b).c$", new[] { "abc" }, new[] { "acc" })]
    [InlineData("^(?!\\.)(?:(?!\\.\\.)[a.])*$", new[] { "a.a", "" }, new[] { ".a", "a..a" })]
    [InlineData("\\bcat\\b", new[] { "cat", "a cat.", "-cat-" }, new[] { "cats", "bobcat" })]
    [InlineData("^\\p{Lu}\\p{L}*$", new[] { "Été", "Ω" }, new[] { "été", "A1" })]
    [InlineData("^\\P{L}$", new[] { "1" }, new[] { "a" })]
    [InlineData("(?i)^abc$", new[] { "AbC" }, new[] { "ab" })]
    [InlineData("^(?i:a)b$", new[] { "Ab" }, new[] { "AB" })]
    [InlineData("^[\\]\\-^]$", new[] { "]", "-", "^" }, new[] { "a" })]
    [InlineData("^[]$|^[^]$", new[] { "a", "\n" }, new[] { "" })]
    [InlineData("^[a-\\d]$", new[] { "a", "-", "5" }, new[] { "b" })]
    [InlineData("^\\/\\@\\_$", new[] { "/@_" }, new[] { "\\/" })]
    public void Matches_as_ECMA_does(string pattern, string[] matching, string[] other)
    {
        var set = new RegexSet();
        var plain = new PatternCompiler(new Utf8Text(set)).Search(pattern);
        var json = new PatternCompiler(new JsonText(set)).Search(pattern);
        foreach (var (text, expected) in matching.Select(t => (t, true)).Concat(other.Select(t => (t, false))))
        {
            Assert.Equal((text, expected), (text, Matches(set, plain, System.Text.Encoding.UTF8.GetBytes(text))));
            Assert.Equal((text, expected), (text, Matches(set, json, JsonText.Spell(text))));
            Assert.Equal((text, expected), (text, Matches(set, json, Escaped(text))));
        }
    }

    [Theory]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData("a**")]
    [InlineData("a{2,1}")]
    [InlineData("[b-a]")]
    [InlineData("\\")]
    [InlineData("(a)\\1")]
    [InlineData("(?<=a)b")]
    [InlineData("\\p{Nope}")]
    [InlineData("a{99999999999}")]
    [InlineData("\\u{110000}")]
    [InlineData("(?:x(?=y))*z")]
    public void Refuses_what_is_malformed_or_not_regular(string pattern)
    {
        var error = Assert.Throws<PatternException>(() => new PatternCompiler(new Utf8Text(new RegexSet())).Search(pattern));
        Assert.NotEmpty(error.Message);
    }

    [Theory]
    [InlineData("[ab]{2}", "ab", true)]
    [InlineData("[ab]{2}", "xab", false)]
    [InlineData("a|bc", "bc", true)]
    [InlineData("a*", "", true)]
    public void A_regex_constraint_takes_the_whole_text(string pattern, string text, bool expected) =>
        Assert.Equal(expected, ConstraintCompiler.CompileRegex(pattern, SchemaTester.Bytes).Accepts(text));

    [Fact]
    public void A_regex_constraint_names_what_is_wrong()
    {
        var error = Assert.Throws<FormatException>(() => ConstraintCompiler.CompileRegex("a(b", SchemaTester.Bytes));
        Assert.Contains("a(b", error.Message, StringComparison.Ordinal);
        Assert.Throws<UnsatisfiableConstraintException>(() => ConstraintCompiler.CompileRegex("[]", SchemaTester.Bytes));
    }

    [Fact]
    public void Choices_are_taken_whole()
    {
        var constraint = ConstraintCompiler.CompileChoices(["yes", "no", "not at all"], SchemaTester.Bytes);
        Assert.True(constraint.Accepts("yes"));
        Assert.True(constraint.Accepts("no"));
        Assert.True(constraint.Accepts("not at all"));
        Assert.False(constraint.Accepts("not"));
        Assert.Throws<UnsatisfiableConstraintException>(() => ConstraintCompiler.CompileChoices([], SchemaTester.Bytes));
    }

    [Fact]
    public void Text_in_JSON_has_no_lone_surrogates_and_no_raw_controls()
    {
        var set = new RegexSet();
        var any = new JsonText(set).AnyText;
        foreach (var (text, expected) in new[]
        {
            ("a", true), ("\\u0000", true), ("\\uD83D\\uDE00", true), ("\\ud83d\\uDE00", true), ("\\/", true), ("\u007f", true),
            ("\\ud83d", false), ("\\ude00", false), ("\\ud83d\\u0041", false), ("\\x", false), ("\\u12", false), ("\"", false), ("\\", false), ("\t", false),
        })
        {
            Assert.Equal((text, expected), (text, Matches(set, any, System.Text.Encoding.UTF8.GetBytes(text))));
        }

        Assert.False(Matches(set, any, [0xC3]));
        Assert.False(Matches(set, any, [0xED, 0xA0, 0x80]));
    }

    internal static bool Matches(RegexSet set, Regex regex, ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            regex = set.Derive(regex, value);
        }

        return set.IsNullable(regex);
    }

    private static byte[] Escaped(string text) =>
        System.Text.Encoding.ASCII.GetBytes(string.Concat(text.Select(c => $"\\u{(int)c:X4}")));
}
