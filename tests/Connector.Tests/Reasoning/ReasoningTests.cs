using Connector.Reasoning;
using Connector.Templates;
using Connector.Tests.Templates;
using Connector.Tests.Tools;
using Connector.Tools;
using Connector.Tools.Parsing;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Reasoning;

public class ReasoningTests
{
    private static readonly ReasoningTags s_tags = new("<think>", "</think>");

    [Theory]
    [InlineData(false, "<think>\nHm, 1 < 2.\n</think>\n\nHi!", "(Hm, 1 < 2.) | Hi!")]
    [InlineData(false, "\n<think>\n\n</think>\n\nHi!", "Hi!")]
    [InlineData(false, "Hi <think> there", "Hi <think> there")]
    [InlineData(false, "<thin", "<thin")]
    [InlineData(false, "<think>never ends </thin", "(never ends </thin)")]
    [InlineData(true, "Hm.\n</think>\nHi!", "(Hm.) | Hi!")]
    [InlineData(true, "<think>Hm.</think>Hi!", "(Hm.) | Hi!")]
    [InlineData(true, "two\n\nparagraphs</think>", "(two\n\nparagraphs)")]
    [InlineData(false, "<think>a</think>\n<tool_call>{\"name\": \"ping\"}</tool_call>", "(a) | ping{}")]
    public void Thoughts_are_told_from_the_answer_in_every_chunking(bool startsInside, string text, string expected)
    {
        foreach (var pieces in SampleTools.Chunkings(text))
        {
            var splitter = new ReasoningSplitter(s_tags, startsInside, SampleTools.Splitter(ToolFormats.Hermes));
            Assert.Equal(expected, SampleTools.Show(SampleTools.Split(splitter, pieces)));
        }
    }

    [Theory]
    [InlineData("Qwen-Qwen3-0.6B", "<think>", "</think>")]
    [InlineData("Qwen3.5-4B", "<think>", "</think>")]
    [InlineData("deepseek-ai-DeepSeek-V3.1", "<think>", "</think>")]
    [InlineData("ByteDance-Seed-OSS", "<seed:think>", "</seed:think>")]
    [InlineData("mistralai-Ministral-3-14B-Reasoning-2512", "[THINK]", "[/THINK]")]
    [InlineData("Cohere2MoE", "<|START_THINKING|>", "<|END_THINKING|>")]
    [InlineData("google-gemma-4-31B-it", "<|channel>thought\n", "<channel|>")]
    [InlineData("tencent-Hy3", "<think:opensource>", "</think:opensource>")]
    [InlineData("Qwen-Qwen2.5-7B-Instruct", null, null)]
    [InlineData("microsoft-Phi-3.5-mini-instruct", null, null)]
    public void Tags_are_found_from_the_template(string name, string? open, string? close)
    {
        var tags = new ChatTemplate(TemplateData.Template(name)).Reasoning;
        Assert.Equal((open, close), (tags?.Open, tags?.Close));
    }

    [Theory]
    [InlineData("Qwen3.5-4B", null, true)]
    [InlineData("Qwen3.5-4B", ReasoningEffort.None, false)]
    [InlineData("Qwen-Qwen3-0.6B", null, false)]
    [InlineData("deepseek-ai-DeepSeek-V3.1", ReasoningEffort.High, true)]
    [InlineData("deepseek-ai-DeepSeek-V3.1", ReasoningEffort.None, false)]
    public void A_prompt_that_opens_the_thoughts_starts_inside_of_them(string name, ReasoningEffort? effort, bool startsInside)
    {
        var templates = new ChatTemplateSet(TemplateData.Template(name), null, new ChatTemplateOptions(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var turn = new ChatFormat(templates).Begin(new ChatTemplateInput { Messages = [new(ChatRole.User, "q")], Effort = effort });
        Assert.Equal(startsInside, turn.StartsInReasoning);
        Assert.IsType<ReasoningSplitter>(turn.CreateSplitter(new Random(1)));
    }
}
