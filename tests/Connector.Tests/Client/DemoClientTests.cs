using Connector.Decoding.Engine;
using Connector.Tests.Support;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Client;

/// <summary>The chat client over the embedded model.</summary>
public class DemoClientTests(DemoModel demo) : IClassFixture<DemoModel>
{
    private LocalChatClient Client(EngineOptions? engine = null) => new(demo.Model, new LocalChatClientOptions { Engine = engine ?? DemoModel.Engine });

    [Theory]
    [InlineData("What is the capital of South Korea?", "Seoul")]
    [InlineData("Which city is the capital of Ghana?", "Accra")]
    public async Task It_knows_what_it_was_taught(string question, string answer)
    {
        using var client = Client();
        var response = await client.GetResponseAsync(question, new ChatOptions { Temperature = 0 });
        Assert.Contains(answer, response.Text, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task Concurrent_calls_give_the_text_they_give_alone()
    {
        using var client = Client(DemoModel.Engine with { ExactMode = true });
        string[] prompts = ["What is the capital of South Korea?", "Show me what you can do.", "Hello!", "Remember the code KWA-9524.", "Which city is the capital of Ghana?"];
        ChatOptions Options(int i) => new() { Seed = i, Temperature = 1.2f, MaxOutputTokens = 20 + (i * 5) };
        var alone = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            alone.Add(await TextAsync(client, prompts[i % prompts.Length], Options(i)));
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => TextAsync(client, prompts[i % prompts.Length], Options(i)))));
        Assert.Equal(alone, together);
        Assert.True(together.Distinct(StringComparer.Ordinal).Count() > 5, "different seeds should give different answers");
    }

    [Fact]
    public async Task A_later_turn_finds_the_earlier_ones_in_the_cache()
    {
        using var client = Client();
        List<ChatMessage> history = [new(ChatRole.User, "Remember the code KWA-9524.")];
        var first = await client.GetResponseAsync(history, new ChatOptions { Temperature = 0 });
        history.AddRange(first.Messages);
        history.Add(new(ChatRole.User, "What was the code?"));
        var second = await client.GetResponseAsync(history, new ChatOptions { Temperature = 0 });
        Assert.InRange(second.Usage!.CachedInputTokenCount!.Value, first.Usage!.InputTokenCount!.Value, second.Usage.InputTokenCount!.Value - 1);
        Assert.Contains("KWA", second.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_seeds_give_equal_answers_and_no_seed_a_fresh_one()
    {
        using var client = Client();
        var hot = new ChatOptions { Temperature = 2, TopK = 0, TopP = 1, MaxOutputTokens = 20, Seed = long.MinValue, AdditionalProperties = new() { ["min_p"] = 0 } };
        Assert.Equal(await TextAsync(client, "Hello!", hot), await TextAsync(client, "Hello!", hot));
        hot.Seed = null;
        Assert.NotEqual(await TextAsync(client, "Hello!", hot), await TextAsync(client, "Hello!", hot));
    }

    [Fact]
    public async Task A_prompt_may_fill_the_context_and_not_more()
    {
        var word = demo.Model.Vocabulary.Tokenize(" the the", parseSpecial: false);
        Assert.Equal(word[0], word[1]);
        using var client = new LocalChatClient(
            demo.Model,
            new LocalChatClientOptions { ChatTemplate = "{{ messages[0].content }}", Engine = DemoModel.Engine with { MaxContextPerRequest = 256, ContextCapacity = 256 } });
        string Words(int count) => string.Concat(Enumerable.Repeat(" the", count));
        Assert.Equal(1, (await client.GetResponseAsync(Words(1), new ChatOptions { MaxOutputTokens = 3 })).Usage!.InputTokenCount);
        var full = await client.GetResponseAsync(Words(256));
        Assert.Equal((256, ChatFinishReason.Length), (full.Usage!.InputTokenCount, full.FinishReason!.Value));
        var error = await Assert.ThrowsAsync<PromptTooLongException>(() => client.GetResponseAsync(Words(257)));
        Assert.Contains("257", error.Message, StringComparison.Ordinal);
        Assert.Contains("256", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_in_the_prompt_or_the_answer_leaves_the_model_usable()
    {
        using var client = Client();
        var expected = await TextAsync(client, "What is the capital of South Korea?", new ChatOptions { Temperature = 0 });
        using var prompt = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            var pending = client.GetResponseAsync(string.Concat(Enumerable.Repeat("word ", 800)), cancellationToken: prompt.Token);
            await prompt.CancelAsync();
            await pending;
        });

        using var answer = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync("Show me what you can do.", cancellationToken: answer.Token))
            {
                await answer.CancelAsync();
            }
        });
        Assert.Equal(expected, await TextAsync(client, "What is the capital of South Korea?", new ChatOptions { Temperature = 0 }));
    }

    private static async Task<string> TextAsync(IChatClient client, string prompt, ChatOptions options) =>
        (await client.GetResponseAsync(prompt, options)).Text;
}
