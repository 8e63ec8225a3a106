using System.Text;
using Connector.Decoding.Constraints;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;
using Connector.Decoding.Tests.Constraints.Support;

namespace Connector.Decoding.Tests.Constraints;

public class CompiledConstraintTests
{
    // A JSON-like object of strings: tokens straddle its lexemes.
    private const string Strings = """
        root ::= "{" pair ("," pair)* "}"
        pair ::= string ":" string
        string ::= "\"" [^"\\\x00-\x1f]* "\""
        """;

    [Fact]
    public void Tokens_straddle_lexemes()
    {
        string[] pieces = ["{\"", "a\":\"", "b\",\"", "c\"}", "\":\"", "d", "\"}", "}", "{\"\":\"\"}", "\",\"", "\"\"", "<end>"];
        var vocabulary = Vocabularies.Of(pieces);
        var constraint = ConstraintCompiler.CompileGbnf(Strings, vocabulary);
        var state = constraint.Start;
        Assert.Equal(["{\"", "{\"\":\"\"}"], Pieces(constraint, state));
        foreach (var piece in new[] { "{\"", "a\":\"", "b\",\"", "d", "\":\"" })
        {
            Assert.True(constraint.TryAdvance(ref state, Array.IndexOf(pieces, piece)), piece);
        }

        Assert.Equal(["{\"", "b\",\"", "c\"}", "d", "\"}", "}", "\",\""], Pieces(constraint, state));
        Assert.True(constraint.TryAdvance(ref state, Array.IndexOf(pieces, "\"}")));
        Assert.Equal(["<end>"], Pieces(constraint, state));
        Assert.True(constraint.IsComplete(state));
        Assert.True(constraint.TryAdvance(ref state, pieces.Length - 1));
        Assert.True(constraint.IsComplete(state));
    }

    [Fact]
    public void The_end_is_allowed_exactly_when_the_text_is_complete()
    {
        var vocabulary = Vocabularies.Of("a", "b", "<end>", "<end2>", "<other>");
        var constraint = ConstraintCompiler.CompileGbnf("root ::= \"a\" \"b\"?", vocabulary);
        var state = constraint.Start;
        Assert.Equal(["a"], Pieces(constraint, state));
        Assert.False(constraint.TryAdvance(ref state, 2));
        Assert.True(constraint.TryAdvance(ref state, 0));
        Assert.Equal(["b", "<end>", "<end2>"], Pieces(constraint, state));
        Assert.False(constraint.TryAdvance(ref state, 4));
        Assert.True(constraint.TryAdvance(ref state, 1));
        Assert.Equal(["<end>", "<end2>"], Pieces(constraint, state));
    }

    [Fact]
    public void The_empty_text_may_be_all_there_is()
    {
        foreach (var grammar in new[] { "root ::= \"\"", "root ::= a a\na ::= \"\" | a" })
        {
            var constraint = ConstraintCompiler.CompileGbnf(grammar, Vocabularies.Of("a", "<end>"));
            Assert.True(constraint.IsComplete(constraint.Start));
            Assert.Equal(["<end>"], Pieces(constraint, constraint.Start));
        }
    }

    [Fact]
    public void Characters_may_be_split_over_tokens()
    {
        var euro = Encoding.UTF8.GetBytes("€");
        var vocabulary = Vocabularies.Of(
        [
            Vocabularies.Token("<end>"),
            new VocabularyToken(euro.AsMemory(0, 1), "1", TokenKinds.None),
            new VocabularyToken(euro.AsMemory(1, 1), "2", TokenKinds.Byte),
            new VocabularyToken(euro.AsMemory(2, 1), "3", TokenKinds.Byte),
            new VocabularyToken(euro.AsMemory(1, 2), "23", TokenKinds.None),
            Vocabularies.Token("€"),
            Vocabularies.Token("\u20AD"),
        ]);
        var constraint = ConstraintCompiler.CompileGbnf("root ::= [€ä]", vocabulary);
        var state = constraint.Start;
        Assert.Equal(["1", "€"], Pieces(constraint, state));
        Assert.True(constraint.TryAdvance(ref state, 1));
        Assert.Equal(["2", "23"], Pieces(constraint, state));
        Assert.True(constraint.TryAdvance(ref state, 2));
        Assert.Equal(["3"], Pieces(constraint, state));
    }

    [Fact]
    public void Control_and_unused_tokens_never_match_bytes()
    {
        var vocabulary = Vocabularies.Of(
        [
            new VocabularyToken("a"u8.ToArray(), "<|a|>", TokenKinds.Control),
            new VocabularyToken("a"u8.ToArray(), "[unused]", TokenKinds.Unused),
            new VocabularyToken(default, "", TokenKinds.None),
            Vocabularies.Token("a"),
            Vocabularies.Token("a"),
            Vocabularies.Token("<end>"),
        ]);
        var constraint = ConstraintCompiler.CompileGbnf("root ::= \"a\"*", vocabulary);
        Assert.Equal([3, 4, 5], constraint.Mask(constraint.Start).Tokens.ToArray());
    }

    [Fact]
    public void A_failed_advance_leaves_the_state_and_a_copy_is_a_fork()
    {
        var constraint = ConstraintCompiler.CompileGbnf("root ::= \"ab\" | \"ac\"", Vocabularies.Of("a", "b", "c", "<end>"));
        var state = constraint.Start;
        Assert.True(constraint.TryAdvance(ref state, 0));
        var before = state;
        Assert.False(constraint.TryAdvance(ref state, 0));
        Assert.False(constraint.TryAdvance(ref state, -1));
        Assert.False(constraint.TryAdvance(ref state, 4));
        Assert.Equal(before, state);
        var fork = state;
        Assert.True(constraint.TryAdvance(ref fork, 1));
        Assert.True(constraint.TryAdvance(ref state, 2));
        Assert.True(constraint.IsComplete(fork));
        Assert.True(constraint.IsComplete(state));
        Assert.True(System.Runtime.CompilerServices.Unsafe.SizeOf<ConstraintState>() <= 32);
    }

    [Fact]
    public void Masks_of_plain_text_equal_what_may_be_read()
    {
        // Lengths, classes and escapes that the shortcut for plain text must tell apart.
        string[] grammars =
        [
            "root ::= \"\\\"\" [^\"\\\\\\x00-\\x1f]* \"\\\"\"",
            "root ::= \"\\\"\" [^\"\\\\\\x00-\\x1f]{0,3} \"\\\"\"",
            "root ::= \"\\\"\" [^\"\\\\\\x00-\\x1f]{2,40} \"\\\"\"",
            "root ::= \"\\\"\" ([^\"\\\\\\x00-\\x1f] | \"\\\\n\")* \"\\\"\"",
            "root ::= \"\\\"\" [^\"a]* \"\\\"\"",
            "root ::= \"\\\"\" [^\"ä]{0,5} \"\\\"\"",
            "root ::= [^\"]{1,4} [^\\x00]*",
            "root ::= [^\"\\\\\\x00-\\x1f]{0,2} \"x\"",
        ];
        var random = new Random(5);
        List<VocabularyToken> tokens = [Vocabularies.Token("<end>")];
        for (var b = 0; b < 256; b++)
        {
            tokens.Add(new VocabularyToken(new[] { (byte)b }, $"{b}", TokenKinds.Byte));
        }

        string[] parts = ["a", "b", "x", " ", "\"", "\\n", "ä", "€", "😀", "\n", "\",", "a long word ", "\u007f"];
        for (var i = 0; i < 250; i++)
        {
            tokens.Add(Vocabularies.Token(string.Concat(Enumerable.Range(0, 1 + random.Next(4)).Select(_ => parts[random.Next(parts.Length)]))));
        }

        tokens.Add(new VocabularyToken(new byte[] { 0xE2, 0x82 }, "part", TokenKinds.None));
        tokens.Add(new VocabularyToken(new byte[] { 0x61, 0xF0, 0x9F }, "part", TokenKinds.None));
        tokens.Add(new VocabularyToken(new byte[] { 0xAC, 0x61 }, "part", TokenKinds.None));
        var vocabulary = Vocabularies.Of(tokens);
        foreach (var grammar in grammars)
        {
            var constraint = ConstraintCompiler.CompileGbnf(grammar, vocabulary);
            for (var walk = 0; walk < 6; walk++)
            {
                var state = constraint.Start;
                for (var step = 0; step < 12; step++)
                {
                    var mask = constraint.Mask(state);
                    var allowed = new List<int>();
                    for (var token = 0; token < vocabulary.Count; token++)
                    {
                        var copy = state;
                        var advances = constraint.TryAdvance(ref copy, token);
                        Assert.True(advances == mask.Contains(token), $"{grammar}: token {vocabulary.Written(token)} {advances}");
                        if (advances && !vocabulary.IsControl(token))
                        {
                            allowed.Add(token);
                        }
                    }

                    if (allowed.Count == 0)
                    {
                        break;
                    }

                    Assert.True(constraint.TryAdvance(ref state, allowed[random.Next(allowed.Count)]));
                }
            }
        }
    }

    [Fact]
    public async Task Threads_share_a_constraint()
    {
        var vocabulary = Vocabularies.Random(new Random(3), "ab\"{}:,", 80);
        var single = ConstraintCompiler.CompileGbnf(Strings, vocabulary);
        var shared = ConstraintCompiler.CompileGbnf(Strings, vocabulary);
        var walks = await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(() => Walk(shared, seed % 4))));
        for (var seed = 0; seed < 8; seed++)
        {
            Assert.Equal(Walk(single, seed % 4), walks[seed]);
        }

        static List<int> Walk(CompiledConstraint constraint, int seed)
        {
            var random = new Random(seed);
            var trace = new List<int>();
            for (var text = 0; text < 20; text++)
            {
                var state = constraint.Start;
                for (var step = 0; step < 30; step++)
                {
                    var mask = constraint.Mask(state);
                    var chosen = mask.Tokens[random.Next(mask.Count)];
                    trace.Add(mask.Count);
                    Assert.True(constraint.TryAdvance(ref state, chosen));
                    if (constraint.Vocabulary.IsEndOfGeneration(chosen))
                    {
                        break;
                    }
                }
            }

            return trace;
        }
    }

    [Fact]
    public void Ambiguity_and_growth_end_in_an_error()
    {
        var vocabulary = Vocabularies.Of("a", "b", "<end>");
        var limits = new ConstraintLimits { MaxStates = 200, MaxItems = 5_000, MaxRegexNodes = 5_000 };
        var constraint = ConstraintCompiler.CompileGbnf("root ::= root root | \"a\" | \"a\" root \"b\"", vocabulary, limits: limits);
        var state = constraint.Start;
        Assert.Throws<ConstraintTooComplexException>(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                constraint.TryAdvance(ref state, 0);
            }
        });
        Assert.Throws<ConstraintTooComplexException>(() =>
            ConstraintCompiler.CompileGbnf("root ::= \"" + new string('a', 10_000) + "\"", vocabulary, limits: limits));
    }

    [Fact]
    public void Without_room_for_masks_they_are_made_anew()
    {
        var vocabulary = Vocabularies.Random(new Random(3), "ab\"{}:,", 80);
        var roomy = ConstraintCompiler.CompileGbnf(Strings, vocabulary);
        var tight = ConstraintCompiler.CompileGbnf(Strings, vocabulary, limits: new ConstraintLimits { MaxCachedBytes = 60_000 });
        var (x, y) = (roomy.Start, tight.Start);
        var random = new Random(4);
        for (var step = 0; step < 40 && !roomy.IsComplete(x); step++)
        {
            var allowed = roomy.Mask(x).Tokens.ToArray();
            Assert.Equal(allowed, tight.Mask(y).Tokens.ToArray());
            var token = allowed[random.Next(allowed.Length)];
            Assert.True(roomy.TryAdvance(ref x, token) && tight.TryAdvance(ref y, token));
        }
    }

    [Fact]
    public void A_language_without_texts_is_an_error()
    {
        var vocabulary = Vocabularies.Of("a", "<end>");
        Assert.Throws<UnsatisfiableConstraintException>(() => ConstraintCompiler.CompileGbnf("root ::= \"a\" root", vocabulary));
        var set = new RegexSet();
        var grammar = new Grammar(set);
        grammar.Start = grammar.Lexeme(set.And(set.Literal("ab"), set.Not(set.Concat(set.Literal("a"), set.Anything))));
        Assert.Throws<UnsatisfiableConstraintException>(() => CompiledConstraint.Create(grammar, vocabulary));
    }

    private static string[] Pieces(CompiledConstraint constraint, ConstraintState state) =>
        [.. constraint.Mask(state).Tokens.ToArray().Select(constraint.Vocabulary.Written)];
}
