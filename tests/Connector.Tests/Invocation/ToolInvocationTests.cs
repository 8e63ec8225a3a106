using System.Globalization;
using Connector.Tests.Support;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Invocation;

public class ToolInvocationTests
{
    private static readonly AIFunction s_square = AIFunctionFactory.Create((int x) => x * x, "square");
    private static readonly AIFunction s_fail = AIFunctionFactory.Create(string () => throw new InvalidOperationException("no luck"), "fail");

    private static FunctionCallContent Call(string id, string name, int? x = null) =>
        new(id, name, x is null ? null : new Dictionary<string, object?>(StringComparer.Ordinal) { ["x"] = x });

    private static ChatMessage Says(params AIContent[] contents) => new(ChatRole.Assistant, contents);

    private static ChatMessage SaysDone() => Says(new TextContent("done"));

    private static List<string> Results(IEnumerable<ChatMessage> messages) =>
        [.. messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Select(r => $"{r.CallId}:{Convert.ToString(r.Result, CultureInfo.InvariantCulture)}")];

    [Fact]
    public async Task Calls_are_run_and_their_results_asked_about()
    {
        using var inner = ScriptedChatClient.Of(Says(new TextContent("wait"), Call("a", "square", 3), Call("b", "square", 4)), SaysDone());
        using var client = inner.WithToolInvocation();
        var response = await client.GetResponseAsync("go", new ChatOptions { Tools = [s_square], ToolMode = ChatToolMode.RequireAny });
        Assert.Equal(["a:9", "b:16"], Results(response.Messages));
        Assert.Equal([ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], response.Messages.Select(m => m.Role));
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.Tool], inner.Asked[1].Select(m => m.Role));
        Assert.EndsWith("done", response.Text, StringComparison.Ordinal);
        Assert.Equal(ChatToolMode.RequireAny, inner.AskedOptions[0]!.ToolMode);
        Assert.Null(inner.AskedOptions[1]!.ToolMode);
    }

    [Fact]
    public async Task Failures_become_results()
    {
        using var inner = ScriptedChatClient.Of(
            Says(Call("a", "fail"), Call("b", "nowhere"), FunctionCallContent.CreateFromParsedArguments("{", "c", "square", static IDictionary<string, object?>? (string _) => throw new FormatException("cut off"))),
            SaysDone());
        using var client = inner.WithToolInvocation();
        var response = await client.GetResponseAsync("go", new ChatOptions { Tools = [s_fail, s_square] });
        var results = Results(response.Messages);
        Assert.Equal("a:Error: no luck", results[0]);
        Assert.Equal("b:Error: there is no function 'nowhere'.", results[1]);
        Assert.StartsWith("c:Error:", results[2], StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(response.Messages[1].Contents.OfType<FunctionResultContent>().First().Exception);
    }

    [Fact]
    public async Task Errors_can_be_kept_from_the_model()
    {
        using var inner = ScriptedChatClient.Of(Says(Call("a", "fail")), SaysDone());
        using var client = inner.WithToolInvocation(new ToolInvocationOptions { TellsErrors = false });
        var response = await client.GetResponseAsync("go", new ChatOptions { Tools = [s_fail] });
        Assert.Equal(["a:Error: the call failed."], Results(response.Messages));
    }

    [Theory]
    [InlineData(int.MaxValue, 3)]
    [InlineData(2, 2)]
    [InlineData(1, 1)]
    public async Task Calls_of_a_round_run_in_parallel_up_to_the_limit(int limit, int expected)
    {
        var running = 0;
        var most = 0;
        var gate = new Lock();
        using var full = new SemaphoreSlim(0);
        var tool = AIFunctionFactory.Create(
            async () =>
            {
                int now;
                lock (gate)
                {
                    now = ++running;
                    most = Math.Max(most, now);
                }

                if (now == expected)
                {
                    full.Release(3);
                }

                await full.WaitAsync();
                lock (gate)
                {
                    running--;
                }

                return now;
            },
            "wait");
        using var inner = ScriptedChatClient.Of(Says(Call("a", "wait"), Call("b", "wait"), Call("c", "wait")), SaysDone());
        using var client = inner.WithToolInvocation(new ToolInvocationOptions { MaxParallelCalls = limit });
        await client.GetResponseAsync("go", new ChatOptions { Tools = [tool] });
        Assert.Equal(expected, most);
    }

    [Fact]
    public async Task After_the_last_round_the_model_may_not_call()
    {
        using var inner = new ScriptedChatClient((_, options) => options?.ToolMode is NoneChatToolMode ? SaysDone() : Says(Call(Guid.NewGuid().ToString(), "square", 2)));
        using var client = inner.WithToolInvocation(new ToolInvocationOptions { MaxRounds = 3 });
        var response = await client.GetResponseAsync("go", new ChatOptions { Tools = [s_square] });
        Assert.Equal(4, inner.Asked.Count);
        Assert.Equal(3, Results(response.Messages).Count);
    }

    [Fact]
    public async Task A_call_of_a_tool_that_is_only_declared_is_the_callers()
    {
        using var inner = ScriptedChatClient.Of(Says(Call("a", "square", 3)));
        using var client = inner.WithToolInvocation();
        var response = await client.GetResponseAsync("go", new ChatOptions { Tools = [s_square.AsDeclarationOnly()] });
        Assert.Single(response.Messages);
        Assert.IsType<FunctionCallContent>(response.Messages[0].Contents[0]);
    }

    [Theory]
    [InlineData(true, "a:9")]
    [InlineData(false, "a:Error: the user did not allow this call. too square")]
    public async Task A_call_that_needs_approval_waits_for_it(bool approved, string expected)
    {
        using var inner = ScriptedChatClient.Of(Says(new TextContent("may I?"), Call("a", "square", 3)), SaysDone());
        using var client = inner.WithToolInvocation();
        var options = new ChatOptions { Tools = [new ApprovalRequiredAIFunction(s_square)] };
        List<ChatMessage> history = [new(ChatRole.User, "go")];
        var asking = await client.GetResponseAsync(history, options);
        var request = asking.Messages.SelectMany(m => m.Contents).OfType<ToolApprovalRequestContent>().Single();
        Assert.DoesNotContain(asking.Messages.SelectMany(m => m.Contents), c => c is FunctionCallContent);
        Assert.Single(inner.Asked);

        history.AddRange(asking.Messages);
        history.Add(new ChatMessage(ChatRole.User, [request.CreateResponse(approved, "too square")]));
        var answer = await client.GetResponseAsync(history, options);
        Assert.Equal([expected], Results(answer.Messages));
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.Tool], inner.Asked[1].Select(m => m.Role));
        Assert.Equal("a", inner.Asked[1][1].Contents.OfType<FunctionCallContent>().Single().CallId);

        // The decided call is history now: it is not run again.
        history.AddRange(answer.Messages);
        Assert.Empty(Decided(history));
    }

    private static List<PendingCall> Decided(IEnumerable<ChatMessage> history)
    {
        _ = Approvals.Resolve(history, out var decided);
        return decided;
    }

    [Fact]
    public async Task Cancellation_reaches_the_function_and_the_caller()
    {
        using var stop = new CancellationTokenSource();
        var tool = AIFunctionFactory.Create(async (CancellationToken token) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        }, "hang");
        using var inner = ScriptedChatClient.Of(Says(Call("a", "hang")), SaysDone());
        using var client = inner.WithToolInvocation();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync("go", new ChatOptions { Tools = [tool] }, stop.Token));
    }

    [Fact]
    public void Limits_outside_their_range_are_named_and_the_inner_client_is_disposed()
    {
        using var inner = ScriptedChatClient.Of();
        Assert.Throws<ArgumentOutOfRangeException>(() => inner.WithToolInvocation(new ToolInvocationOptions { MaxRounds = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => inner.WithToolInvocation(new ToolInvocationOptions { MaxParallelCalls = 0 }));
        inner.WithToolInvocation().Dispose();
        Assert.True(inner.IsDisposed);
    }
}
