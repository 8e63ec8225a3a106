using System.Text.Json;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Reasoning;
using Connector.Tests.Templates;
using Connector.Tools;
using Connector.Tools.Constraints;
using Connector.Tools.Formats;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Tools;

/// <summary>What the constraint of an answer lets through, with markers as control tokens and as plain text.</summary>
public class AnswerGrammarTests
{
    private static readonly string[] s_markers =
    [
        "<|im_end|>", "<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]",
        "<tool_call>", "</tool_call>", "<|tool_call>", "<tool_call|>", "<|\"|>", "<think>", "</think>", "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>",
        "<｜tool▁call▁begin｜>", "<｜tool▁call▁end｜>", "<｜tool▁sep｜>", "<|tool_calls_section_begin|>", "<|tool_calls_section_end|>",
        "<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>", "<|function_call|>", "<|python_tag|>",
    ];

    private static readonly Vocabulary s_plain = ToyVocabulary.Create(addsBegin: false, "<|im_end|>");
    private static readonly Vocabulary s_control = ToyVocabulary.Create(addsBegin: false, s_markers);
    private static readonly JsonElement s_schema = JsonDocument.Parse("""{"type": "object", "properties": {"answer": {"type": "integer"}}, "required": ["answer"], "additionalProperties": false}""").RootElement;

    public static TheoryData<string, bool> Formats
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var format in ToolFormats.All)
            {
                data.Add(format.Name, true);
                if (format is not HarmonyFormat)
                {
                    data.Add(format.Name, false);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_mode_lets_through_what_it_should(string name, bool asControl)
    {
        var format = ToolFormats.Get(name);
        var vocabulary = asControl ? s_control : s_plain;
        var one = format.Render([SampleTools.Calls[2]]).Text;
        var other = format.Render([SampleTools.Calls[0]]).Text;
        var several = format.Render(SampleTools.Calls).Text;
        var unknown = format.Render([SampleTools.Calls[0] with { Name = "get_wind" }]).Text;
        var unfit = format.Render([SampleTools.Calls[0] with { Arguments = """{"unit": "celsius"}""" }]).Text;
        var text = format is HarmonyFormat ? "<|channel|>final<|message|>Hello <world>." : "Hello <world> [x] {y}.";
        var hasSeveral = format is not HarmonyFormat;

        var auto = Compile(format, vocabulary, null);
        Check(auto, vocabulary, [text, one, other], [unknown, unfit]);
        Check(auto, vocabulary, hasSeveral ? [several] : [], []);
        if (!format.OnlyAtStart && hasSeveral)
        {
            Check(auto, vocabulary, [text + one, text + "\n" + several], [text + unknown]);
        }

        var required = Compile(format, vocabulary, ChatToolMode.RequireAny);
        Check(required, vocabulary, [one, other], [text, unknown, unfit, ""]);

        var specific = Compile(format, vocabulary, ChatToolMode.RequireSpecific("book"));
        Check(specific, vocabulary, [one], [other, text]);

        var none = Compile(format, vocabulary, ChatToolMode.None);
        Check(none, vocabulary, [text], [one, other]);

        var single = Compile(format, vocabulary, null, several: false);
        Check(single, vocabulary, [text, one], hasSeveral ? [several] : []);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Undeclared_arguments_are_allowed_as_the_tool_says_and_a_few_where_it_says_nothing(string name, bool asControl)
    {
        const string City = "\"city\": \"Oslo\"";
        const string Few = "\"x1\": [\"y\"], \"x2\": 2, \"x3\": null, \"x4\": {\"z\": true}";
        var format = ToolFormats.Get(name);
        var vocabulary = asControl ? s_control : s_plain;
        string Call(string arguments) => format.Render([SampleTools.Calls[0] with { Arguments = $"{{{arguments}}}" }]).Text;

        Check(Of("true"), vocabulary, [Call($"{City}, {Few}, \"x5\": 5")], [Call(Few)]);
        Check(Of("false"), vocabulary, [Call(City)], [Call($"{City}, \"x1\": 1")]);
        Check(Of("{\"type\": \"integer\"}"), vocabulary, [Call($"{City}, \"x1\": 1")], format is GemmaFormat ? [] : [Call($"{City}, \"x1\": \"y\"")]);

        var few = Of(null);
        Check(few, vocabulary, [Call(City), Call($"{City}, {Few}"), Call($"{City}, \"x1\": 1, \"unit\": \"celsius\", \"x2\": 2")], []);
        Check(few, vocabulary, [], [Call($"{City}, {Few}, \"x5\": 5"), Call($"\"x1\": 1, {City}"), Call($"{City}, \"x1\": 1, \"unit\": \"kelvin\"")]);

        CompiledConstraint Of(string? others)
        {
            var more = others is null ? "" : $", \"additionalProperties\": {others}";
            var tool = SampleTools.Tool(
                "get_weather",
                $$$"""{"type": "object", "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}}, "required": ["city"]{{{more}}} }""");
            return AnswerGrammar.Compile(Rules(format, ChatToolMode.RequireAny) with { Tools = [tool] }, vocabulary);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Bounds_patterns_and_enumerations_hold_in_every_notation(string name, bool asControl)
    {
        const string Parameters = """
            {"type": "object", "required": ["code"], "additionalProperties": false, "properties": {
              "code": {"type": "string", "pattern": "^[A-Z]{2}$"}, "short": {"type": "string", "minLength": 1, "maxLength": 3},
              "kind": {"type": "string", "const": "a"}, "list": {"type": "array", "items": {"type": "string", "maxLength": 2}, "minItems": 1, "maxItems": 2},
              "pick": {"type": "array", "items": {"type": "string"}, "enum": [["a"], ["b", "c"]]}, "at": {"type": "object", "enum": [{"x": 1, "y": "z"}]},
              "none": {"type": "array", "items": {"type": "string"}, "enum": ["no array"]}, "level": {"type": "integer", "enum": [1, 5]}}}
            """;
        var format = ToolFormats.Get(name);
        var constraint = AnswerGrammar.Compile(Rules(format, ChatToolMode.RequireAny) with { Tools = [SampleTools.Tool("find", Parameters)] }, asControl ? s_control : s_plain);
        string Call(string arguments) => format.Render([new ToolCall("find", $"{{\"code\": \"AB\"{arguments}}}", "aaaaaaaa1")]).Text;
        string[] right = ["\"short\": \"abc\"", "\"kind\": \"a\"", "\"list\": [\"a\", \"b\"]", "\"pick\": [\"b\", \"c\"]", "\"at\": {\"x\": 1, \"y\": \"z\"}", "\"level\": 5"];
        string[] wrong =
        [
            "\"short\": \"abcd\"", "\"short\": \"\"", "\"kind\": \"b\"", "\"list\": []", "\"list\": [\"a\", \"b\", \"c\"]", "\"list\": [\"abc\"]", "\"pick\": [\"a\", \"c\"]",
            "\"at\": {\"x\": 2, \"y\": \"z\"}", "\"none\": [\"no array\"]", "\"none\": []", "\"level\": 2", "\"other\": 1",
        ];

        Assert.Empty(constraint.Unenforced);
        Check(constraint, constraint.Vocabulary, [Call(""), Call(", " + string.Join(", ", right)), .. right.Select(r => Call(", " + r))], [.. wrong.Select(w => Call(", " + w))]);
    }

    [Theory]
    [InlineData("gemma4", "uniqueItems /properties/list", "format /properties/day", "anyOf /properties/id")]
    [InlineData("qwen-coder", "uniqueItems /properties/list", "format /properties/day", "anyOf /properties/id")]
    [InlineData("hermes", "uniqueItems /properties/list")]
    public void What_a_notation_cannot_enforce_is_named(string name, params string[] unenforced)
    {
        const string Parameters = """
            {"type": "object", "properties": {"list": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2, "uniqueItems": true},
              "day": {"type": "string", "format": "date"}, "id": {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "null"}]}}}
            """;
        var constraint = AnswerGrammar.Compile(Rules(ToolFormats.Get(name), ChatToolMode.RequireAny) with { Tools = [SampleTools.Tool("find", Parameters)] }, s_control);

        Assert.Equal(unenforced.Order(StringComparer.Ordinal), constraint.Unenforced.Select(u => $"{u.Keyword} {u.Path}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Of_more_parameters_than_can_be_told_apart_the_last_are_allowed_too(string name, bool asControl)
    {
        var format = ToolFormats.Get(name);
        var vocabulary = asControl ? s_control : s_plain;
        var properties = string.Join(", ", Enumerable.Range(0, 50).Select(i => $"\"p{i}\": {{\"type\": \"integer\"}}"));
        var tool = SampleTools.Tool("many", $$"""{"type": "object", "properties": { {{properties}} }, "required": ["p1", "p49"]}""");
        var constraint = AnswerGrammar.Compile(Rules(format, ChatToolMode.RequireAny) with { Tools = [tool] }, vocabulary);
        string Call(string arguments) => format.Render([new ToolCall("many", arguments, "aaaaaaaa1")]).Text;
        Check(
            constraint,
            vocabulary,
            [Call("""{"p1": 1, "p48": 2, "p49": 3}"""), Call("""{"p1": 1, "p49": 3, "x": "y"}""")],
            [Call("""{"p1": 1}"""), Call("""{"p1": 1, "p49": true}""")]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void With_a_schema_an_answer_is_a_call_or_the_json(string name, bool asControl)
    {
        var format = ToolFormats.Get(name);
        var vocabulary = asControl ? s_control : s_plain;
        var start = format is HarmonyFormat ? "<|channel|>final<|message|>" : "";
        var call = format.Render([SampleTools.Calls[0]]).Text;
        var rules = Rules(format, null) with { ResponseSchema = s_schema };
        Check(AnswerGrammar.Compile(rules, vocabulary), vocabulary, [call, start + """{"answer": 42}"""], [start + "Hello", start + """{"answer": "x"}"""]);
        Check(AnswerGrammar.Compile(rules with { Mode = ChatToolMode.None }, vocabulary), vocabulary, [start + """{"answer": 42}"""], [call, start + "Hello"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Constraints_begin_after_the_thoughts(bool asControl)
    {
        var vocabulary = asControl ? s_control : s_plain;
        var tags = new ReasoningTags("<think>", "</think>");
        var call = ToolFormats.Hermes.Render([SampleTools.Calls[0]]).Text;
        var rules = Rules(ToolFormats.Hermes, ChatToolMode.RequireAny) with { Reasoning = tags };
        Check(AnswerGrammar.Compile(rules, vocabulary), vocabulary, [call, "<think>\nI <tool> {think}\n</think>\n\n" + call], ["<think>no end", "text" + call]);

        var open = rules with { StartsInReasoning = true };
        Check(AnswerGrammar.Compile(open, vocabulary), vocabulary, ["I think\n</think>\n\n" + call, "</think>" + call], [call, "I think"]);

        var json = open with { Mode = null, Tools = [], Format = null, ResponseSchema = s_schema };
        Check(AnswerGrammar.Compile(json, vocabulary), vocabulary, ["Hm.</think>{\"answer\": 1}"], ["{\"answer\": 1}"]);
    }

    /// <summary>The opening is found wherever tokens are cut, and also inside of a token that goes on after it.</summary>
    [Fact]
    public void The_trigger_is_found_across_and_inside_of_tokens()
    {
        string[] pieces = ["<tool", "_call>", "x<", "tool_c", "all>\n{\"na", "<tool_call>{", "<tool_call>no"];
        var bytes = Enumerable.Range(0, 256).Select(b => new VocabularyToken(new[] { (byte)b }, "", TokenKinds.None));
        var tokens = bytes.Concat(pieces.Select(p => new VocabularyToken(System.Text.Encoding.UTF8.GetBytes(p), p, TokenKinds.None))).ToList();
        var vocabulary = new Vocabulary(tokens, new NoTokenizer());
        var auto = Compile(ToolFormats.Hermes, vocabulary, null);
        bool Allows(params int[] path)
        {
            var state = auto.Start;
            return path.All(token => auto.Mask(state).Contains(token) & auto.TryAdvance(ref state, token));
        }

        Assert.True(Allows(256, 257));
        Assert.False(Allows(256, 257, 'x'));
        Assert.True(Allows(258, 259, 260));
        Assert.False(Allows(258, 259, 260, 'x'));
        Assert.True(Allows('a', 261));
        Assert.False(Allows(262));
        Assert.True(Allows(256, 'x', 257));
    }

    [Fact]
    public void A_required_tool_that_is_not_offered_is_an_error() =>
        Assert.Contains("nosuch", Assert.Throws<ArgumentException>(() => Compile(ToolFormats.Hermes, s_plain, ChatToolMode.RequireSpecific("nosuch"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Free_text_allows_every_token_but_the_openings()
    {
        var auto = Compile(ToolFormats.Mistral, s_control, ChatToolMode.None);
        var mask = auto.Mask(auto.Start);
        var forbidden = Enumerable.Range(0, s_control.Count).Where(t => !mask.Contains(t)).Select(s_control.Written);
        Assert.Equal("[TOOL_CALLS]", string.Join(' ', forbidden));
    }

    private static AnswerRules Rules(ToolFormat format, ChatToolMode? mode) => new() { Format = format, Tools = SampleTools.All, Mode = mode };

    private static CompiledConstraint Compile(ToolFormat format, Vocabulary vocabulary, ChatToolMode? mode, bool several = true) =>
        AnswerGrammar.Compile(Rules(format, mode) with { AllowsSeveralCalls = several }, vocabulary);

    private static void Check(CompiledConstraint constraint, Vocabulary vocabulary, string[] allowed, string[] refused)
    {
        foreach (var text in allowed)
        {
            Assert.Equal((text, text.Length, true), Walk(constraint, vocabulary, text));
        }

        foreach (var text in refused)
        {
            Assert.NotEqual((text, text.Length, true), Walk(constraint, vocabulary, text));
        }
    }

    /// <summary>How far a text gets in a constraint, and whether it may end there.</summary>
    private static (string Text, int Length, bool IsComplete) Walk(CompiledConstraint constraint, Vocabulary vocabulary, string text)
    {
        var state = constraint.Start;
        var tokens = vocabulary.Tokenize(text, parseSpecial: true);
        for (var i = 0; i < tokens.Length; i++)
        {
            if (!constraint.TryAdvance(ref state, tokens[i]))
            {
                return (text, vocabulary.Decode(tokens.AsSpan(0, i), writeControl: true).Length, false);
            }
        }

        return (text, text.Length, constraint.IsComplete(state));
    }

    private sealed class NoTokenizer : ITokenizer
    {
        public int[] Tokenize(string text, bool parseSpecial) => throw new NotSupportedException();
    }
}
