using Connector.Tests.Templates;
using Connector.Tools;
using Connector.Tools.Formats;
using Connector.Tools.Parsing;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Tools;

/// <summary>Every format reads back what it writes, however the text is cut.</summary>
public class ToolFormatTests
{
    public static TheoryData<string> Names => [.. ToolFormats.All.Select(f => f.Name)];

    public static TheoryData<string> Unmarked => [.. ToolFormats.All.Where(f => f is not HarmonyFormat).Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Unmarked))]
    public void Calls_are_read_back_from_every_chunking(string name)
    {
        var format = ToolFormats.Get(name);
        var text = format.Render(SampleTools.Calls).Text;
        var expected = SampleTools.ShowCalls(SampleTools.Calls);
        foreach (var pieces in SampleTools.Chunkings(text))
        {
            Assert.Equal(expected, SampleTools.Show(SampleTools.Split(SampleTools.Splitter(format), pieces)));
        }
    }

    [Theory]
    [MemberData(nameof(Unmarked))]
    public void Text_before_and_after_calls_survives(string name)
    {
        var format = ToolFormats.Get(name);
        var before = format.OnlyAtStart ? "" : "Let me see: 1 < 2 [ok] <tool {x}.\n\n";
        var text = before + format.Render([SampleTools.Calls[0]]).Text + "\nThat is all.";
        var expected = (before.Length > 0 ? before.TrimEnd() + " | " : "") + SampleTools.ShowCalls([SampleTools.Calls[0]]) + " | That is all.";
        foreach (var pieces in SampleTools.Chunkings(text))
        {
            Assert.Equal(expected, SampleTools.Show(SampleTools.Split(SampleTools.Splitter(format), pieces)));
        }
    }

    /// <summary>A truncated call is text: nothing of it is lost, nothing of it becomes a call.</summary>
    [Theory]
    [MemberData(nameof(Unmarked))]
    public void A_call_that_breaks_off_is_text_or_a_call_with_an_error(string name)
    {
        var format = ToolFormats.Get(name);
        var text = format.Render([SampleTools.Calls[2]]).Text;
        for (var length = 0; length < text.Length; length++)
        {
            var contents = SampleTools.Split(SampleTools.Splitter(format), [text[..length]]);
            var call = contents.OfType<FunctionCallContent>().SingleOrDefault();
            if (call is null)
            {
                Assert.Equal(text[..length].Trim(), string.Concat(contents.Cast<TextContent>().Select(t => t.Text)).Trim());
            }
            else
            {
                Assert.Equal("book", call.Name);
            }
        }
    }

    [Theory]
    [InlineData("hermes", "<tool_call>\n{\"name\": \"ping\", \"arguments\": {\"a\": 1}\n</tool_call>", "ping!")]
    [InlineData("hermes", "<tool_call>\n{'name': 'ping'}\n</tool_call>", "<tool_call>\n{'name': 'ping'}\n</tool_call>")]
    [InlineData("hermes", "<tool_call>\nno call\n</tool_call>", "<tool_call>\nno call\n</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"name\": \"ping\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>", "ping{\"a\": 1}")]
    [InlineData("hermes", "<tool_call>{\"name\": \"ping\"}</tool_call>", "ping{}")]
    [InlineData("hermes", "<tool_call>{\"name\": \"ping\", \"arguments\": [1]}</tool_call>", "ping!")]
    [InlineData("hermes", "<tool_call>{\"name\": \"ping\", \"arguments\": {}}", "ping{}")]
    [InlineData("hermes", "<tool_call>{\"name\": \"ping\", \"arguments\": {\"a\": 1, \"b\": 2, \"a\": 3}}</tool_call>", "ping{\"a\": 3, \"b\": 2}")]
    [InlineData("hermes", "a <tool_call> b <tool_call>{\"name\": \"ping\"}</tool_call>", "a <tool_call> b | ping{}")]
    [InlineData("hermes", "<tool_call>{\"name\": \"ping\", \"arguments\": {\"a\": \"</tool_call>\"}}</tool_call>", "ping{\"a\": \"</tool_call>\"}")]
    [InlineData("mistral", "[TOOL_CALLS]ping[ARGS]{}[TOOL_CALLS]ping[ARGS]{\"a\": 1}", "ping{} | ping{\"a\": 1}")]
    [InlineData("mistral", "[TOOL_CALLS]ping[ARGS] none", "[TOOL_CALLS]ping[ARGS] none")]
    [InlineData("mistral-array", "[TOOL_CALLS] [{\"name\": \"ping\", \"arguments\": {}}, {\"name\": \"ping\", \"arguments\": {\"a\": 2}}]", "ping{} | ping{\"a\": 2}")]
    [InlineData("deepseek-v3.1", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>ping<｜tool▁sep｜>{}<｜tool▁call▁end｜>oops", "ping{} | oops")]
    [InlineData("deepseek-v3.1", "<｜tool▁call▁begin｜>ping<｜tool▁sep｜>{}<｜tool▁call▁end｜>", "ping{}")]
    [InlineData("qwen-coder", "<tool_call>\n<function=math.add>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\nx\n</parameter>\n</function>\n</tool_call>", "math.add{\"a\": 1, \"b\": \"x\"}")]
    [InlineData("qwen-coder", "<function=book>\n<parameter=used>\nTrue\n</parameter>\n<parameter=title>\n12\n</parameter>\n</function>", "book{\"title\": \"12\", \"used\": true}")]
    [InlineData("qwen-coder", "<function=unknown>\n<parameter=n>\n12\n</parameter>\n</function>", "unknown{\"n\": 12}")]
    [InlineData("glm", "<tool_call>ping\n</tool_call>", "ping{}")]
    [InlineData("glm", "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Bern</arg_value></tool_call>", "get_weather{\"city\": \"Bern\"}")]
    [InlineData("gemma4", "<|tool_call>call:book{title:<|\"|>a,}b<|\"|>,tags:[<|\"|>x<|\"|>],author:{name:<|\"|>N<|\"|>,born:1970}}<tool_call|>", "book{\"author\": {\"born\": 1970, \"name\": \"N\"}, \"tags\": [\"x\"], \"title\": \"a,}b\"}")]
    [InlineData("llama3", "{\"name\": \"ping\", \"parameters\": {}}", "ping{}")]
    [InlineData("llama3", "<|python_tag|>{\"type\": \"function\", \"name\": \"ping\", \"parameters\": {}}", "ping{}")]
    [InlineData("llama3", "{\"answer\": 42}", "{\"answer\": 42}")]
    [InlineData("llama3", "See {\"name\": \"ping\", \"parameters\": {}}", "See {\"name\": \"ping\", \"parameters\": {}}")]
    [InlineData("kimi", "<|tool_calls_section_begin|><|tool_call_begin|>functions.ping:0<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>", "ping{}")]
    public void Odd_output_is_read_as_well_as_it_can_be(string name, string text, string expected)
    {
        foreach (var pieces in SampleTools.Chunkings(text))
        {
            Assert.Equal(expected, SampleTools.Show(SampleTools.Split(SampleTools.Splitter(ToolFormats.Get(name)), pieces)));
        }
    }

    [Fact]
    public void Text_streams_on_as_soon_as_it_cannot_be_a_call()
    {
        var output = new List<AIContent>();
        var splitter = SampleTools.Splitter(ToolFormats.Hermes);
        splitter.Add("Hello <to", output);
        Assert.Equal("Hello", SampleTools.Show(output));
        splitter.Add("ast> more", output);
        Assert.Equal("Hello |  <toast> more", SampleTools.Show(output));

        var bare = SampleTools.Splitter(ToolFormats.Llama3);
        output.Clear();
        bare.Add("{\"ans", output);
        Assert.Equal("{\"ans", string.Concat(output));
    }

    [Theory]
    [InlineData("<|channel|>analysis<|message|>Hmm.<|end|><|start|>assistant<|channel|>final<|message|>Hi!", "(Hmm.) | Hi!")]
    [InlineData("<|channel|>analysis<|message|>Hmm.<|end|><|start|>assistant<|channel|>commentary to=functions.ping <|constrain|>json<|message|>{}<|call|>", "(Hmm.) | ping{}")]
    [InlineData(" to=functions.math.add<|channel|>commentary json<|message|>{\"a\": 1, \"b\": 2}", "math.add{\"a\": 1, \"b\": 2}")]
    [InlineData("<|channel|>commentary<|message|>I will call.<|end|><|start|>assistant<|channel|>commentary to=functions.ping<|message|>", "I will call. | ping{}")]
    [InlineData("<|channel|>commentary to=functions.ping <|constrain|>json<|message|>{\"a\":", "ping!")]
    [InlineData("<|channel|>final<|message|>x < y <|oops", "x < y <|oops")]
    [InlineData("plain text", "plain text")]
    public void Harmony_messages_are_told_apart(string text, string expected)
    {
        foreach (var pieces in SampleTools.Chunkings(text))
        {
            var splitter = new HarmonySplitter(new CallContents(new CallIds(CallIdStyle.Usual, [], new Random(1))));
            Assert.Equal(expected, SampleTools.Show(SampleTools.Split(splitter, pieces)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_have_the_familys_form_and_never_repeat(string name)
    {
        var format = ToolFormats.Get(name);
        var ids = new CallIds(format.IdStyle, ["call_1", "functions.ping:0", "aaaaaaaa1"], new Random(1));
        var given = Enumerable.Range(0, 300).Select(i => ids.Next(new ToolCall("ping", "{}", i % 3 == 0 ? "aaaaaaaa1" : i % 3 == 1 ? "functions.ping:0" : null))).ToList();
        Assert.Equal(300, given.Distinct(StringComparer.Ordinal).Count());
        Assert.All(given, id => Assert.False(id is "aaaaaaaa1" or "functions.ping:0"));
        Assert.All(given, id => Assert.Matches(format.IdStyle switch
        {
            CallIdStyle.Short => "^[A-Za-z0-9]{9}$",
            CallIdStyle.Numbered => "^functions\\.ping:[0-9]+$",
            _ => "^(call_[A-Za-z0-9]{24}|functions.*)$",
        }, id));
    }

    [Fact]
    public void The_format_is_found_from_the_template()
    {
        var found = TemplateData.Names.ToDictionary(n => n, n => ToolFormats.Detect(TemplateData.Template(n))?.Name, StringComparer.Ordinal);
        Assert.Equal("qwen-coder", found["Qwen3.5-4B"]);
        Assert.Equal("qwen-coder", found["StepFun3.5-Flash"]);
        Assert.Equal("seed-oss", found["ByteDance-Seed-OSS"]);
        Assert.Equal("glm", found["GLM-4.6"]);
        Assert.Equal("glm", found["GLM-4.7-Flash"]);
        Assert.Equal("glm", found["Spark2.5"]);
        Assert.Equal("glm", found["poolside-Laguna-S-2.1"]);
        Assert.Equal("gigachat", found["GigaChat3.1-10B-A1.8B"]);
        Assert.Equal("kimi", found["Kimi-K2-Instruct"]);
        Assert.Equal("minimax-m1", found["MiniMax-M1"]);
        Assert.Equal("minimax-m2", found["MiniMax-M2"]);
        Assert.Equal("mistral", found["Mistral-Small-3.2-24B-Instruct-2506"]);
        Assert.Equal("mistral", found["mistralai-Ministral-3-14B-Reasoning-2512"]);
        Assert.Equal("mistral-array", found["mistralai-Mistral-Nemo-Instruct-2407"]);
        Assert.Equal("hermes", found["NousResearch-Hermes-3-Llama-3.1-8B-tool_use"]);
        Assert.Equal("hermes", found["Qwen-Qwen2.5-7B-Instruct"]);
        Assert.Equal("hermes", found["Qwen-Qwen3-0.6B"]);
        Assert.Equal("deepseek-v3", found["llama-cpp-deepseek-r1"]);
        Assert.Equal("deepseek-v3.1", found["deepseek-ai-DeepSeek-V3.1"]);
        Assert.Equal("deepseek-v3.2", found["deepseek-ai-DeepSeek-V3.2"]);
        Assert.Equal("deepseek-v4", found["deepseek-ai-DeepSeek-V4"]);
        Assert.Equal("gemma4", found["google-gemma-4-31B-it"]);
        Assert.Equal("harmony", found["openai-gpt-oss-120b"]);
        Assert.Null(found["microsoft-Phi-3.5-mini-instruct"]);
        Assert.Null(found["google-gemma-2-2b-it"]);
        Assert.Null(found["LFM2.5-8B-A1B"]);
    }
}
