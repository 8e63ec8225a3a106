using Connector.Samples.Agent.Tools;
using Connector.Samples.Tests.Support;
using Microsoft.Extensions.AI;

namespace Connector.Samples.Tests.Agent;

public sealed class HouseTests
{
    private readonly House _house = new(TimeProvider.System);

    [Fact]
    public void States_are_offered_by_the_names_that_the_model_knows()
    {
        var state = Tool("set_light").JsonSchema.GetProperty("properties").GetProperty("state");
        Assert.Equal("off on", string.Join(' ', state.GetProperty("enum").EnumerateArray().Select(e => e.GetString())));
    }

    [Fact]
    public async Task A_switched_light_stays_switched()
    {
        var result = await Tool("set_light").InvokeAsync(Arguments.Of(("room", "kitchen"), ("state", "on")));
        Assert.Equal("""{"room":"kitchen","state":"on"}""", result?.ToString());
        Assert.Equal(LightState.On, _house.Lights["Kitchen"]);
    }

    [Fact]
    public async Task What_the_house_cannot_do_is_an_error_that_names_the_value()
    {
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
            await Tool("set_thermostat").InvokeAsync(Arguments.Of(("room", "attic"), ("temperature", 80))));
        Assert.Contains("80", error.Message, StringComparison.Ordinal);
    }

    private AIFunction Tool(string name) => _house.Tools.Single(t => t.Name == name);
}
