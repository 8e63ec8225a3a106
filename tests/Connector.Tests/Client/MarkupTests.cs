using System.Text.Json;
using Connector.Decoding.Constraints;
using Connector.Tests.Support;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Client;

/// <summary>What ends an answer, and what a schema cannot promise, where the answer holds thoughts and calls beside its text.</summary>
public class MarkupTests
{
    private const string OpenThoughts = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n";
    private const string Thinking = OpenThoughts + "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}";
    private const string Call = "<tool_call>\n{\"name\": \"ping\", \"arguments\": {}}\n</tool_call>";

    private static readonly AIFunction s_ping = AIFunctionFactory.Create(() => "pong", "ping");

    [Theory]
    [InlineData("<think>\nOne.\nTwo.\n</think>\n\nYes.\nNo.", "\nNo", "Yes.")]
    [InlineData("<think>\nEND\n</think>\n\nYes. END no.", "END", "Yes. ")]
    [InlineData("<think>\nOne.\n</think>\n\nYes. EN", "END", "Yes. EN")]
    public async Task A_stop_sequence_ends_the_text_and_not_the_thoughts(string says, string stop, string text)
    {
        using var client = new LocalChatClient(new SpeakingModel(_ => says), new LocalChatClientOptions { ChatTemplate = Thinking });
        var response = await client.GetResponseAsync("Is it?", new ChatOptions { Temperature = 0, StopSequences = [stop] });
        Assert.Equal(text, response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Contains(response.Messages[0].Contents, c => c is TextReasoningContent);
        Assert.InRange(response.Usage!.OutputTokenCount!.Value, 1, says.Length + 1);

        // The slot is free again.
        Assert.Equal(text, (await client.GetResponseAsync("And now?", new ChatOptions { Temperature = 0, StopSequences = [stop] })).Text);
    }

    [Fact]
    public async Task A_stop_sequence_within_a_calls_markup_ends_nothing()
    {
        using var client = new LocalChatClient(new SpeakingModel(_ => Call));
        var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 200, Tools = [s_ping], ToolMode = ChatToolMode.RequireAny, StopSequences = ["\n", "ping"] };
        var response = await client.GetResponseAsync("Go", options);
        Assert.Equal("ping", Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>()).Name);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);

        using var talking = new LocalChatClient(new SpeakingModel(_ => "So.\nWell. " + Call));
        options.ToolMode = ChatToolMode.Auto;
        var stopped = await talking.GetResponseAsync("Go", options);
        Assert.Equal("So.", stopped.Text);
        Assert.Equal(ChatFinishReason.Stop, stopped.FinishReason);
        Assert.DoesNotContain(stopped.Messages[0].Contents, c => c is FunctionCallContent);
    }

    [Fact]
    public async Task What_a_grammar_makes_is_text_though_the_prompt_opened_the_thoughts()
    {
        using var client = new LocalChatClient(new SpeakingModel(_ => "<think>\nWell.\n</think>\n\nyes"), new LocalChatClientOptions
        {
            // The probe finds the tags in the history; the prompt ends inside them.
            ChatTemplate = OpenThoughts + "<think>\n",
        });
        var response = await client.GetResponseAsync("Go", new ChatOptions { Temperature = 0, AdditionalProperties = new() { ["grammar"] = "root ::= \"yes\" | \"no\"" } });
        Assert.Contains(response.Text, (string[])["yes", "no"]);
        Assert.Equal(0, response.Usage!.ReasoningTokenCount);
    }

    [Fact]
    public async Task What_a_schema_cannot_promise_is_logged_once_or_an_error()
    {
        var schema = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type": "array", "items": {"type": "object"}, "uniqueItems": true}"""));
        var log = new ListLogger();
        using var lenient = new LocalChatClient(new SpeakingModel(_ => "[]"), new LocalChatClientOptions { LoggerFactory = log });
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("[]", (await lenient.GetResponseAsync("Go", new ChatOptions { Temperature = 0, ResponseFormat = schema })).Text);
        }

        Assert.Contains("uniqueItems", Assert.Single(log.Warnings, w => w.Contains("enforced", StringComparison.Ordinal)), StringComparison.Ordinal);

        using var strict = new LocalChatClient(new SpeakingModel(_ => "[]"), new LocalChatClientOptions { StrictSchemas = true });
        var error = await Assert.ThrowsAsync<UnsupportedSchemaException>(() => strict.GetResponseAsync("Go", new ChatOptions { ResponseFormat = schema }));
        Assert.Contains("uniqueItems", error.Message, StringComparison.Ordinal);
    }
}
