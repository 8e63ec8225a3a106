using Connector.Benchmarks.ToolCalling;
using Connector.Benchmarks.ToolCalling.Calling;
using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Benchmarks.ToolCalling.Demo;
using Connector.Benchmarks.ToolCalling.Generated;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.Tests.ToolCalling;

public sealed class CallingTests
{
    [Fact]
    public async Task A_model_that_talks_nonsense_still_makes_good_calls()
    {
        var faults = new FaultList(mostOfEach: 3);
        using var client = await LocalChatClient.LoadAsync(BenchmarkFiles.Demo.FullName);
        var small = RandomConversations.Make(160, seed: 3).Where(c => c.Tools.Count == 1).Take(4);
        var tally = await new GenerationRun(client, temperature: 1.5f, maxTokens: 400, skipped: 1, faults, TimeProvider.System).RunAsync(small, CancellationToken.None);

        Assert.True(faults.Rows.Count == 0, string.Join('\n', faults.Rows.Select(row => string.Join(" | ", row))));
        Assert.Equal(3, tally.Conversations);
        Assert.True(tally.Calls >= 3);
    }

    [Theory]
    [InlineData("get_weather", """{"city": "Accra"}""", nameof(CallFault.None))]
    [InlineData("get_whether", """{"city": "Accra"}""", nameof(CallFault.NotOffered))]
    [InlineData("get_weather", """{"city": 7}""", nameof(CallFault.Invalid))]
    [InlineData("get_weather", """{"city": """, nameof(CallFault.Unparsed))]
    public void A_call_is_judged_by_what_is_offered(string name, string arguments, string fault)
    {
        var call = FunctionCallContent.CreateFromParsedArguments(arguments, "c1", name, ParseArguments);
        Assert.Equal(fault, CallCheck.Of(call, Weather().Tools).Fault.ToString());
    }

    [Theory]
    [InlineData("get_weather", """{"city": "Accra"}""", true, true)]
    [InlineData("get_weather", """{"city": "Lagos"}""", true, false)]
    [InlineData("get_whether", """{"city": "Accra"}""", false, false)]
    public void An_answer_is_exact_when_names_and_arguments_are_the_right_ones(string name, string arguments, bool rightNames, bool exact)
    {
        var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, [FunctionCallContent.CreateFromParsedArguments(arguments, "c1", name, ParseArguments)]));
        var answer = DemoAnswer.Of(response, Weather(), TimeSpan.FromSeconds(1));
        Assert.Equal((true, rightNames, exact), (answer.Calls, answer.RightNames, answer.Exact));
    }

    private static Dictionary<string, object?> ParseArguments(string json) =>
        CanonicalJson.Element(System.Text.Json.Nodes.JsonNode.Parse(json)).EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value, StringComparer.Ordinal);

    private static ToolConversation Weather()
    {
        var schema = CanonicalJson.Element(System.Text.Json.Nodes.JsonNode.Parse("""{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}"""));
        var arguments = CanonicalJson.Element(System.Text.Json.Nodes.JsonNode.Parse("""{"city": "Accra"}"""));
        return new ToolConversation("w", "test", [], [AIFunctionFactory.CreateDeclaration("get_weather", null, schema)], [new RightCall("get_weather", arguments)], IsValid: true);
    }
}
