using Connector.Samples.Agent;
using Connector.Samples.Agent.Tools;
using Connector.Samples.Agent.View;
using Connector.Samples.Tests.Support;
using Connector.Tests.Support;
using Microsoft.Extensions.AI;
using Spectre.Console;

namespace Connector.Samples.Tests.Agent;

/// <summary>The agent over a scripted model: what is called, what is shown, what is remembered.</summary>
public sealed class AgentConversationTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _notes = new();
    private readonly House _house = new(TimeProvider.System);

    [Fact]
    public async Task A_call_is_run_and_shown_and_the_answer_goes_to_the_output()
    {
        var model = ScriptedChatClient.Of(
            new ChatMessage(ChatRole.Assistant, [new TextContent("\n"), Call("c1", "set_light", ("room", "kitchen"), ("state", "on"))]),
            new ChatMessage(ChatRole.Assistant, "The lights are on."));
        await ShowAsync(Conversation(model), "turn on the lights in the kitchen");

        Assert.Equal(LightState.On, _house.Lights["kitchen"]);
        Assert.Equal("The lights are on.\n", _output.ToString());
        var lines = _notes.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("""call set_light {"room":"kitchen","state":"on"}""", lines[0]);
        Assert.StartsWith("""result set_light {"room":"kitchen","state":"on"} (""", lines[1], StringComparison.Ordinal);
        Assert.Equal(2, lines.Length);
    }

    [Fact]
    public async Task A_failing_tool_is_a_result_that_the_model_reads()
    {
        var model = ScriptedChatClient.Of(
            new ChatMessage(ChatRole.Assistant, [Call("c1", "set_thermostat", ("room", "attic"), ("temperature", 80))]),
            new ChatMessage(ChatRole.Assistant, "That is too hot."));
        await ShowAsync(Conversation(model), "heat the attic to 80 degrees");
        Assert.Contains("The heating reaches 5 to 30 degrees", _notes.ToString(), StringComparison.Ordinal);
        Assert.Equal("That is too hot.\n", _output.ToString());
    }

    [Fact]
    public async Task The_next_request_carries_calls_and_results()
    {
        var model = ScriptedChatClient.Of(
            new ChatMessage(ChatRole.Assistant, [Call("c1", "set_light", ("room", "kitchen"), ("state", "on"))]),
            new ChatMessage(ChatRole.Assistant, "On."),
            new ChatMessage(ChatRole.Assistant, "You are welcome!"));
        var conversation = Conversation(model);
        await ShowAsync(conversation, "turn on the lights in the kitchen");
        await ShowAsync(conversation, "Thanks!");
        Assert.Equal(
            [ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant, ChatRole.User],
            model.Asked[^1].Select(m => m.Role));
    }

    [Fact]
    public async Task A_request_that_fails_leaves_no_trace()
    {
        var broken = true;
        var model = new ScriptedChatClient((_, _) => broken ? throw new InvalidOperationException("out of room") : new ChatMessage(ChatRole.Assistant, "Hello."));
        var conversation = Conversation(model);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ShowAsync(conversation, "one"));
        broken = false;
        await ShowAsync(conversation, "two");
        Assert.Equal([ChatRole.System, ChatRole.User], model.Asked[^1].Select(m => m.Role));
        Assert.Equal("two", model.Asked[^1][^1].Text);
    }

    public void Dispose()
    {
        _output.Dispose();
        _notes.Dispose();
    }

    private AgentConversation Conversation(ScriptedChatClient model) =>
        new(model.WithToolInvocation(), new ChatOptions { Tools = [.. _house.Tools] });

    private Task ShowAsync(AgentConversation conversation, string request)
    {
        var notes = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_notes), Ansi = AnsiSupport.No, Interactive = InteractionSupport.No });
        return new AnswerView(_output, notes, TimeProvider.System).ShowAsync(conversation.AskAsync(request, CancellationToken.None), CancellationToken.None);
    }

    private static FunctionCallContent Call(string id, string name, params IEnumerable<(string Name, object? Value)> arguments) =>
        new(id, name, Arguments.Of(arguments));
}
