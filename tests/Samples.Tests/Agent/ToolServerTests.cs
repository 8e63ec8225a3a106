using System.Text.Json;
using Connector.Samples.Agent.Tools;
using Connector.Samples.Tests.Support;
using Microsoft.Extensions.AI;

namespace Connector.Samples.Tests.Agent;

/// <summary>The sample's own MCP server, started as a process and asked over stdio.</summary>
public sealed class ToolServerTests : IAsyncLifetime
{
    private ToolServerConnection _server = null!;

    public async Task InitializeAsync() => _server = await ToolServerConnection.StartAsync(CancellationToken.None);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public void Offers_its_tools_with_schemas()
    {
        Assert.Equal("get_weather convert_units get_current_time", string.Join(' ', _server.Tools.Select(t => t.Name)));
        var required = Tool("convert_units").JsonSchema.GetProperty("required").EnumerateArray().Select(e => e.GetString());
        Assert.Equal("value from_unit to_unit", string.Join(' ', required));
    }

    [Fact]
    public async Task Answers_a_call_with_what_the_method_returned()
    {
        var answer = await CallAsync("convert_units", Arguments.Of(("value", 2.5), ("from_unit", "miles"), ("to_unit", "kilometers")));
        Assert.Equal("""{"result":4.02,"unit":"kilometers"}""", answer);
    }

    [Fact]
    public async Task The_weather_of_a_city_and_day_never_changes()
    {
        var asked = Arguments.Of(("city", "Accra"), ("day", "Monday"));
        Assert.Equal(await CallAsync("get_weather", asked), await CallAsync("get_weather", asked));
    }

    [Fact]
    public async Task A_call_that_fails_says_so()
    {
        var answer = await CallAsync("convert_units", Arguments.Of(("value", 1), ("from_unit", "miles"), ("to_unit", "liters")));
        Assert.Contains("error", answer, StringComparison.OrdinalIgnoreCase);
    }

    private AIFunction Tool(string name) => _server.Tools.Single(t => t.Name == name);

    private async Task<string> CallAsync(string name, AIFunctionArguments arguments) => await Tool(name).InvokeAsync(arguments) switch
    {
        TextContent text => text.Text,
        JsonElement json => json.GetRawText(),
        var other => throw new InvalidOperationException($"{name} answered with {other?.GetType()}."),
    };
}
