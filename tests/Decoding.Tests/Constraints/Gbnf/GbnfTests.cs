using System.Text;
using Connector.Decoding.Constraints;
using Connector.Decoding.Tests.Constraints.Support;

namespace Connector.Decoding.Tests.Constraints.Gbnf;

public class GbnfTests
{
    private const string Json = """
        root   ::= object
        value  ::= object | array | string | number | ("true" | "false" | "null") ws

        object ::=
          "{" ws (
                    string ":" ws value
            ("," ws string ":" ws value)*
          )? "}" ws

        array  ::= "[" ws ( value ("," ws value)* )? "]" ws

        string ::=
          "\"" (
            [^"\\\x7F\x00-\x1F] |
            "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) # escapes
          )* "\"" ws

        number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws

        # Optional space
        ws ::= | " " | "\n" [ \t]{0,20}
        """;

    private static readonly Vocabulary s_vocabulary = Vocabularies.Random(new Random(1), "ab1{}\":, ", 60);

    [Theory]
    [InlineData("root ::= \"a\" | \"b\" [0-9]", "a;b7", "b;ab;")]
    [InlineData("root ::= (\"a\" \"b\")*", ";ab;abab", "a;aba")]
    [InlineData("root ::= \"a\"{2}", "aa", "a;aaa;")]
    [InlineData("root ::= \"a\"{2,}", "aa;aaaaa", "a;")]
    [InlineData("root ::= \"a\"{0,2} \"b\"?", ";a;aa;aab;b", "aaa;bb")]
    [InlineData("root ::= [^a-c]+", "xyz;ä€😀", "a;xb;")]
    [InlineData("root ::= [\\x41\\u00e4\\U0001F600-]", "A;ä;😀;-", "B;")]
    [InlineData("root ::= . . .", "abc;äöü;a😀b", "ab;abcd")]
    [InlineData("root ::= \"\\t\\n\\r\\\\\\\"\\[\\]\"", "\t\n\r\\\"[]", "t")]
    [InlineData("root ::= item (\",\" item)*\nitem ::= [a-z]+ # words\n", "a;ab,c", ",;a,;a,,b")]
    [InlineData("root ::= a\r\na ::= \"x\" |\r\n  \"y\"", "x;y", "xy")]
    [InlineData("root ::= root \"+\" root | [0-9]", "1;1+2;1+2+3", "+;1+;12")]
    [InlineData("root ::= \"a\" root \"b\" | ", ";ab;aaabbb", "a;b;aab")]
    [InlineData("root ::= a b\na ::= b?\nb ::= a \"x\" | \"\"", ";x;xxxx", "y")]
    [InlineData("root ::= | \"x\"", ";x", "y")]
    [InlineData("root ::= (((\"a\" | \"b\") \"c\")+ (\"d\"))?", ";acd;acbcd", "ac;d")]
    public void Accepts_what_the_grammar_says(string grammar, string accepted, string rejected)
    {
        var constraint = ConstraintCompiler.CompileGbnf(grammar, s_vocabulary);
        Assert.All(accepted.Split(';'), text => Assert.True(Accepts(constraint, text), $"'{text}'"));
        Assert.All(rejected.Split(';').Where(r => !accepted.Split(';').Contains(r)), text => Assert.False(Accepts(constraint, text), $"'{text}'"));
    }

    [Fact]
    public void Reads_the_grammar_of_json_as_llama_cpp_writes_it()
    {
        var constraint = ConstraintCompiler.CompileGbnf(Json, s_vocabulary);
        string[] accepted = ["{}", "{\"a\":1}", "{\"a\": [1, -2.5e3, \"x\\n\", true, {\"b\": null}]}", "{ \"ä\\u00e4\":\n  [] } "];
        string[] rejected = ["", "[1]", "{\"a\"}", "{\"a\":1,}", "{\"a\":01}", "{\"a\":\"\n\"}", "{\"a\":tru}"];
        Assert.All(accepted, text => Assert.True(Accepts(constraint, text), text));
        Assert.All(rejected, text => Assert.False(Accepts(constraint, text), text));
    }

    [Theory]
    [InlineData("root = \"a\"", "line 1, column 6")]
    [InlineData("root ::= \"a", "line 1, column 10")]
    [InlineData("root ::= [a", "line 1, column 10")]
    [InlineData("root ::= []", "line 1, column 10")]
    [InlineData("root ::= [z-a]", "line 1")]
    [InlineData("root ::= \"\\q\"", "line 1, column 11")]
    [InlineData("root ::= \"\\uD800\"", "line 1")]
    [InlineData("root ::= *", "line 1, column 10")]
    [InlineData("root ::= \"a\"{3,2}", "{3,2}")]
    [InlineData("root ::= \"a\"{99999999999}", "two billion")]
    [InlineData("root ::= (\"a\"", "')'")]
    [InlineData("\nroot ::= missing", "line 2, column 10: there is no rule 'missing'")]
    [InlineData("root ::= <[100000]>", "no token 100000")]
    [InlineData("root ::= <ab>", "not one token")]
    [InlineData("root ::= <[0]>", "ends the generation")]
    [InlineData("root ::= \"a\" ) \"b\"", "new line")]
    [InlineData("other ::= \"a\"", "no rule 'root'")]
    public void Says_what_is_wrong_and_where(string grammar, string message)
    {
        var error = Assert.Throws<FormatException>(() => ConstraintCompiler.CompileGbnf(grammar, s_vocabulary));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_stand_for_themselves()
    {
        // <[1]> is a control token, which no text matches; "a" is one of text.
        var vocabulary = Vocabularies.Of("<end>", "<tool>", "a", "<", "tool", ">", "b");
        var constraint = ConstraintCompiler.CompileGbnf("root ::= \"a\" <[1]> !<[2]>*", vocabulary);
        Assert.True(Accepts(constraint, [2, 1]));
        Assert.True(Accepts(constraint, [2, 1, 6, 1, 3]));
        Assert.False(Accepts(constraint, [2, 3, 4, 5]));
        Assert.False(Accepts(constraint, [2, 1, 2]));
        Assert.False(Accepts(constraint, [1]));
        var state = constraint.Start;
        Assert.True(constraint.TryAdvance(ref state, 2));
        Assert.Equal([1], constraint.Mask(state).Tokens.ToArray());
        Assert.True(constraint.TryAdvance(ref state, 1));
        Assert.Equal([0, 1, 3, 4, 5, 6], constraint.Mask(state).Tokens.ToArray());
    }

    [Fact]
    public void Deep_nesting_ends_in_an_error()
    {
        var deep = "root ::= " + new string('(', 200_000) + "\"a\"" + new string(')', 200_000);
        Assert.Throws<ConstraintTooComplexException>(() => ConstraintCompiler.CompileGbnf(deep, s_vocabulary));
    }

    [Fact]
    public void Repetitions_in_the_millions_cost_nothing()
    {
        var constraint = ConstraintCompiler.CompileGbnf("root ::= (x \",\"){1000000,2000000}\nx ::= \"a\" | \"[\" x \"]\"", s_vocabulary);
        var state = constraint.Start;
        Assert.True(Advance(constraint, "a,[a],[[a]],", ref state));
        Assert.False(constraint.IsComplete(state));
    }

    private static bool Accepts(CompiledConstraint constraint, string text)
    {
        var state = constraint.Start;
        return Advance(constraint, text, ref state) && constraint.IsComplete(state);
    }

    private static bool Accepts(CompiledConstraint constraint, int[] tokens)
    {
        var state = constraint.Start;
        return tokens.All(token => constraint.TryAdvance(ref state, token)) && constraint.IsComplete(state);
    }

    // Byte b is token 3 + b there.
    private static bool Advance(CompiledConstraint constraint, string text, ref ConstraintState state)
    {
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (!constraint.TryAdvance(ref state, 3 + value))
            {
                return false;
            }
        }

        return true;
    }
}
