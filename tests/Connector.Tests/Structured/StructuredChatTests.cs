using System.Text.Json.Serialization;
using Connector.Tests.Support;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Structured;

public sealed partial class StructuredChatTests
{
    internal sealed record City(string Name, int Inhabitants);

    [JsonSerializable(typeof(City))]
    private sealed partial class Types : JsonSerializerContext;

    private static ScriptedChatClient Answering(string text) => ScriptedChatClient.Of(new ChatMessage(ChatRole.Assistant, text));

    [Fact]
    public async Task The_schema_goes_out_and_the_object_comes_back()
    {
        using var client = Answering("""{"Name": "Seoul", "Inhabitants": 9}""");
        var options = new ChatOptions { Temperature = 0 };
        Assert.Equal(new City("Seoul", 9), await client.GetJsonAsync("Where?", Types.Default.City, options));
        var format = Assert.IsType<ChatResponseFormatJson>(client.AskedOptions[0]!.ResponseFormat);
        Assert.True(format.Schema!.Value.GetProperty("properties").TryGetProperty("Inhabitants", out _));
        Assert.Equal(0, client.AskedOptions[0]!.Temperature);
        Assert.Null(options.ResponseFormat);
    }

    [Fact]
    public async Task Reflection_will_do_where_it_is_allowed()
    {
        using var client = Answering("""{"name": "Seoul", "inhabitants": 9}""");
        Assert.Equal(new City("Seoul", 9), await client.GetJsonAsync<City>("Where?"));
    }

    [Theory]
    [InlineData("""{"Name": "Seo""")]
    [InlineData("null")]
    [InlineData("")]
    public async Task What_is_no_such_object_is_an_error(string answer)
    {
        using var client = Answering(answer);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetJsonAsync("Where?", Types.Default.City));
        Assert.Contains("City", error.Message, StringComparison.Ordinal);
    }
}
