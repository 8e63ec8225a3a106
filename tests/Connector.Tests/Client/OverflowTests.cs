using Connector.Decoding.Engine;
using Connector.Tests.Support;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Client;

/// <summary>Conversations longer than the context.</summary>
public class OverflowTests
{
    private static readonly ChatOptions s_drop = new()
    {
        Temperature = 0, RawRepresentationFactory = _ => new GenerationSettings { Overflow = ContextOverflow.DropOldestTurns },
    };

    private static List<ChatMessage> Conversation(int rounds) =>
    [
        new(ChatRole.System, "Be brief."),
        .. Enumerable.Range(0, rounds).SelectMany(i => (ChatMessage[])[new(ChatRole.User, $"Question {i}?"), new(ChatRole.Assistant, $"Answer {i}.")]),
        new(ChatRole.User, "The last question?"),
    ];

    [Fact]
    public async Task The_oldest_turns_go_where_that_is_asked_for_and_the_system_message_stays()
    {
        // 20 rounds of about 60 bytes are tokens for three contexts.
        var model = new SpeakingModel(prompt => prompt, contextLength: 400);
        using var client = new LocalChatClient(model);
        await Assert.ThrowsAsync<PromptTooLongException>(() => client.GetResponseAsync(Conversation(20), new ChatOptions { Temperature = 0 }));

        var seen = (await client.GetResponseAsync(Conversation(20), s_drop)).Text;
        Assert.StartsWith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nQuestion 1", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("Question 0?", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conversation_that_fits_loses_nothing()
    {
        using var client = new LocalChatClient(new SpeakingModel(prompt => prompt, contextLength: 4096));
        Assert.Contains("Question 0?", (await client.GetResponseAsync(Conversation(4), s_drop)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_turn_that_is_too_long_is_an_error()
    {
        using var client = new LocalChatClient(new SpeakingModel(_ => "Yes.", contextLength: 200));
        List<ChatMessage> messages = [.. Conversation(2), new(ChatRole.Assistant, "Well?"), new(ChatRole.User, new string('x', 300))];
        await Assert.ThrowsAsync<PromptTooLongException>(() => client.GetResponseAsync(messages, s_drop));
    }
}
