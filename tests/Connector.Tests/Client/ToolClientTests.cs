using System.Text.Json;
using Connector.Tests.Support;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Client;

/// <summary>Tools, response formats and reasoning over a model that says what it is told, as far as it may.</summary>
public class ToolClientTests
{
    private const string SquareCall = "<tool_call>\n{\"name\": \"square\", \"arguments\": {\"x\": 3}}\n</tool_call>";

    private static readonly AIFunction s_square = AIFunctionFactory.Create((int x) => x * x, "square", "Squares a number.");
    private static readonly AIFunction s_ping = AIFunctionFactory.Create(() => "pong", "ping");
    private static readonly JsonElement s_flag = JsonElement.Parse("""{"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": false}""");

    private static LocalChatClient Saying(string answer) => new(new SpeakingModel(_ => answer));

    private static ChatOptions Greedy(ChatToolMode? mode = null, params AITool[] tools) => new() { Temperature = 0, Tools = tools, ToolMode = mode, MaxOutputTokens = 200 };

    private static List<FunctionCallContent> Calls(ChatResponse response) => [.. response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>()];

    [Fact]
    public async Task A_call_arrives_whole_after_the_text_before_it()
    {
        using var client = Saying("Let me see. " + SquareCall);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("Square 3", Greedy(null, s_square)))
        {
            updates.Add(update);
        }

        var response = updates.ToChatResponse();
        var call = Assert.Single(Calls(response));
        Assert.Equal(("square", "3"), (call.Name, call.Arguments!["x"]!.ToString()));
        Assert.Null(call.Exception);
        Assert.Equal("Let me see.", response.Text.Trim());
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.DoesNotContain(updates, u => u.Text.Contains("tool_call", StringComparison.Ordinal));
        Assert.Single(updates.Select(u => u.MessageId).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Several_calls_unless_only_one_is_allowed()
    {
        using var client = Saying(SquareCall + "\n" + SquareCall);
        var two = Calls(await client.GetResponseAsync("Go", Greedy(null, s_square)));
        Assert.Equal(2, two.Count);
        Assert.NotEqual(two[0].CallId, two[1].CallId);
        var options = Greedy(null, s_square);
        options.AllowMultipleToolCalls = false;
        var response = await client.GetResponseAsync("Go", options);
        Assert.Single(Calls(response));
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Fact]
    public async Task No_calls_where_the_mode_is_none()
    {
        using var client = Saying(SquareCall);
        var response = await client.GetResponseAsync("Go", Greedy(ChatToolMode.None, s_square));
        Assert.Empty(Calls(response));
        Assert.NotEqual(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Fact]
    public async Task A_required_call_is_made_whatever_the_model_would_say()
    {
        using var client = Saying("I would rather not.");
        var any = await client.GetResponseAsync("Go", Greedy(ChatToolMode.RequireAny, s_ping));
        Assert.Equal("ping", Assert.Single(Calls(any)).Name);
        Assert.Empty(any.Text);

        var named = await client.GetResponseAsync("Go", Greedy(ChatToolMode.RequireSpecific("ping"), s_square, s_ping));
        Assert.All(Calls(named), c => Assert.Equal("ping", c.Name));
        Assert.NotEmpty(Calls(named));

        var unknown = await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync("Go", Greedy(ChatToolMode.RequireSpecific("pong"), s_ping)));
        Assert.Contains("pong", unknown.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync("Go", Greedy(ChatToolMode.RequireAny)));
    }

    [Fact]
    public async Task The_model_is_told_of_tools_and_of_earlier_calls()
    {
        var prompt = "";
        using var client = new LocalChatClient(new SpeakingModel(p => { prompt = p; return "ok"; }));
        List<ChatMessage> history =
        [
            new(ChatRole.User, "Square 3"),
            new(ChatRole.Assistant, [new FunctionCallContent("c1", "square", new Dictionary<string, object?>(StringComparer.Ordinal) { ["x"] = 3 })]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", new { nine = 9 })]),
        ];
        await client.GetResponseAsync(history, Greedy(null, s_square, new HostedWebSearchTool()));
        Assert.Contains("Squares a number.", prompt, StringComparison.Ordinal);
        Assert.Contains("\"x\": 3", prompt, StringComparison.Ordinal);
        Assert.Contains("nine", prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_is_explained_and_enforced()
    {
        var prompt = "";
        using var client = new LocalChatClient(new SpeakingModel(p => { prompt = p; return "Certainly! {\"ok\": true}"; }));
        var options = Greedy();
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(s_flag);
        var response = await client.GetResponseAsync("Is it?", options);
        using var json = JsonDocument.Parse(response.Text);
        Assert.True(json.RootElement.GetProperty("ok").ValueKind is JsonValueKind.True or JsonValueKind.False);
        Assert.Contains("\"ok\"", prompt, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.InRange(response.Usage!.AdditionalCounts![GenerationCounts.Forced], 1, long.MaxValue);
    }

    [Fact]
    public async Task Json_without_schema_is_any_object()
    {
        using var client = Saying("{\"a\": [1, \"two\"]}");
        var options = Greedy();
        options.ResponseFormat = ChatResponseFormat.Json;
        Assert.Equal("two", JsonElement.Parse((await client.GetResponseAsync("Go", options)).Text).GetProperty("a")[1].GetString());
        options.ResponseFormat = ChatResponseFormat.Text;
        Assert.Equal("{\"a\": [1, \"two\"]}", (await client.GetResponseAsync("Go", options)).Text);
    }

    [Theory]
    [InlineData(SquareCall, true)]
    [InlineData("{\"ok\": false}", false)]
    public async Task Beside_a_schema_an_answer_is_a_call_or_the_json(string answer, bool calls)
    {
        using var client = Saying(answer);
        var options = Greedy(null, s_square);
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(s_flag);
        var response = await client.GetResponseAsync("Go", options);
        Assert.Equal(calls ? 1 : 0, Calls(response).Count);
        Assert.Equal(calls ? "" : answer, response.Text);
    }

    [Fact]
    public async Task A_grammar_constrains_and_stands_alone()
    {
        using var client = Saying("no");
        var options = new ChatOptions { Temperature = 0, AdditionalProperties = new() { ["grammar"] = "root ::= \"yes\" | \"maybe\"" } };
        Assert.Contains((await client.GetResponseAsync("Go", options)).Text, (string[])["yes", "maybe"]);
        options.Tools = [s_ping];
        Assert.Contains("Grammar", (await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync("Go", options))).Message, StringComparison.Ordinal);
    }

    private const string ThinkingTemplate =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
        + "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}";

    [Fact]
    public async Task Thoughts_are_reasoning_and_can_be_hidden()
    {
        using var client = new LocalChatClient(
            new SpeakingModel(p => "<think>\nLet me see.\n</think>\n\nYes."), new LocalChatClientOptions { ChatTemplate = ThinkingTemplate });
        var shown = await client.GetResponseAsync("Is it?");
        Assert.Equal("Let me see.", string.Concat(shown.Messages[0].Contents.OfType<TextReasoningContent>().Select(r => r.Text)).Trim());
        Assert.Equal("Yes.", shown.Text);
        Assert.InRange(shown.Usage!.ReasoningTokenCount!.Value, "<think>\nLet me see.".Length, shown.Usage.OutputTokenCount!.Value - "Yes.".Length);

        var hidden = await client.GetResponseAsync("Is it?", new ChatOptions { Reasoning = new ReasoningOptions { Output = ReasoningOutput.None } });
        Assert.DoesNotContain(hidden.Messages[0].Contents, c => c is TextReasoningContent);
        Assert.Equal(("Yes.", shown.Usage.ReasoningTokenCount), (hidden.Text, hidden.Usage!.ReasoningTokenCount));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(200)]
    public async Task Thoughts_beyond_their_budget_are_ended(int budget)
    {
        using var client = new LocalChatClient(
            new SpeakingModel(p => "<think>\n" + string.Concat(Enumerable.Repeat("Hmm. Let me sée ", 100)) + "</think>\n\nYes."), new LocalChatClientOptions { ChatTemplate = ThinkingTemplate });
        var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 600, AdditionalProperties = new() { ["reasoning_budget"] = budget } };
        var response = await client.GetResponseAsync("Is it?", options);
        var thoughts = string.Concat(response.Messages[0].Contents.OfType<TextReasoningContent>().Select(r => r.Text));
        Assert.EndsWith(Connector.Reasoning.ReasoningBudget.ClosingSentence.Trim(), thoughts, StringComparison.Ordinal);
        Assert.DoesNotContain("\uFFFD", thoughts, StringComparison.Ordinal);
        Assert.InRange(response.Usage!.ReasoningTokenCount!.Value, budget, (budget * 5 / 4) + 80);
        Assert.InRange(response.Usage.AdditionalCounts![GenerationCounts.Forced], 30, long.MaxValue);
        Assert.NotEmpty(response.Text);
    }

    [Fact]
    public async Task After_thoughts_that_were_ended_the_answer_still_fits_its_schema()
    {
        using var client = new LocalChatClient(
            new SpeakingModel(p => "<think>\n" + string.Concat(Enumerable.Repeat("Hmm. ", 200))), new LocalChatClientOptions { ChatTemplate = ThinkingTemplate });
        var options = Greedy();
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(s_flag);
        options.AdditionalProperties = new() { ["reasoning_budget"] = 20 };
        var response = await client.GetResponseAsync("Is it?", options);
        Assert.True(JsonElement.Parse(response.Text).TryGetProperty("ok", out _));
        Assert.Contains(response.Messages[0].Contents, c => c is TextReasoningContent);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task Thoughts_within_their_budget_are_left_alone()
    {
        using var client = new LocalChatClient(new SpeakingModel(p => "<think>\nLet me see.\n</think>\n\nYes."), new LocalChatClientOptions { ChatTemplate = ThinkingTemplate });
        var options = new ChatOptions { Temperature = 0, AdditionalProperties = new() { ["reasoning_budget"] = 100 } };
        var response = await client.GetResponseAsync("Is it?", options);
        Assert.Equal("Yes.", response.Text);
        using var plain = Saying("No thoughts at all, and a rather long answer.");
        Assert.Equal("No thoughts at all, and a rather long answer.", (await plain.GetResponseAsync("Is it?", options)).Text);
    }

    [Fact]
    public async Task Effort_none_turns_thinking_off_in_the_template()
    {
        var prompt = "";
        using var client = new LocalChatClient(
            new SpeakingModel(p => { prompt = p; return "ok"; }), new LocalChatClientOptions { ChatTemplate = ThinkingTemplate });
        await client.GetResponseAsync("Is it?", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.None } });
        Assert.DoesNotContain("<think>", prompt[..prompt.IndexOf("assistant\n", StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tools_run_to_the_end()
    {
        using var client = new LocalChatClient(new SpeakingModel(p => p.Contains("\n9", StringComparison.Ordinal) ? "It is nine." : SquareCall)).WithToolInvocation();
        var response = await client.GetResponseAsync("Square 3", Greedy(null, s_square));
        Assert.Equal("It is nine.", response.Text.Trim());
        Assert.Equal(3, response.Messages.Count);
    }

    [Fact]
    public void An_unknown_format_is_an_error_that_lists_the_known_ones()
    {
        using var model = new SpeakingModel(_ => "");
        var error = Assert.Throws<ArgumentException>(() => new LocalChatClient(model, new LocalChatClientOptions { ToolCallFormat = "x" }));
        Assert.Contains("hermes", error.Message, StringComparison.Ordinal);
    }
}
