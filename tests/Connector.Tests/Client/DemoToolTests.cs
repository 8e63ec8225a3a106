using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Connector.Tests.Support;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Client;

/// <summary>Tools and structured output with the embedded model.</summary>
public sealed partial class DemoToolTests(DemoModel demo) : IClassFixture<DemoModel>
{
    internal enum Mood
    {
        Happy,
        Neutral,
        Sad,
    }

    internal sealed record Review(Mood Mood, bool Recommends);

    [JsonSourceGenerationOptions(UseStringEnumConverter = true)]
    [JsonSerializable(typeof(Review))]
    private sealed partial class ReviewTypes : JsonSerializerContext;

    private static readonly AIFunction s_weather = AIFunctionFactory.Create(
        ([Description("The city")] string city) => $"It is sunny in {city}.", "get_weather", "Tells the weather in a city.");

    private LocalChatClient Client() => new(demo.Model, new LocalChatClientOptions { Engine = DemoModel.Engine });

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)]
    public async Task A_required_call_always_parses_and_fits(float temperature)
    {
        using var client = Client();
        for (var seed = 0; seed < 5; seed++)
        {
            var options = new ChatOptions { Temperature = temperature, Seed = seed, Tools = [s_weather], ToolMode = ChatToolMode.RequireAny, AllowMultipleToolCalls = false, MaxOutputTokens = 400 };
            var response = await client.GetResponseAsync("What is the weather in Oslo?", options);
            var call = Assert.Single(response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>());
            Assert.Equal(("get_weather", (Exception?)null), (call.Name, call.Exception));
            Assert.Equal(JsonValueKind.String, Assert.IsType<JsonElement>(call.Arguments!["city"]).ValueKind);
            Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        }
    }

    [Fact]
    public async Task An_answer_has_the_shape_of_its_type()
    {
        using var client = Client();
        for (var seed = 0; seed < 5; seed++)
        {
            var review = await client.GetJsonAsync("What a lovely day!", ReviewTypes.Default.Review, new ChatOptions { Temperature = 1.5f, Seed = seed, MaxOutputTokens = 200 });
            Assert.True(Enum.IsDefined(review.Mood));
        }
    }

    [Theory]
    [InlineData("""{"type": "integer", "minimum": 0, "maximum": 99}""")]
    [InlineData("""{"enum": [1, 2, 3]}""")]
    [InlineData("""{"const": 7}""")]
    public async Task A_whole_number_is_written_as_one(string number)
    {
        using var client = Client();
        for (var seed = 0; seed < 5; seed++)
        {
            var response = await client.GetResponseAsync("What is two and two?", new ChatOptions
            {
                Temperature = 2,
                Seed = seed,
                MaxOutputTokens = 100,
                ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse($$"""{"type": "object", "properties": {"n": {{number}}}, "required": ["n"]}""")),
            });
            Assert.True(JsonElement.Parse(response.Text).GetProperty("n").TryGetInt32(out _), response.Text);
        }
    }

    [Fact]
    public async Task Concurrent_requests_with_tools_and_schemas_do_not_disturb_each_other()
    {
        using var client = Client();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            var options = new ChatOptions { Temperature = 1, Seed = i, MaxOutputTokens = 300 };
            if (i % 2 == 0)
            {
                options.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type": "object", "properties": {"n": {"enum": ["one", "two"]}}, "required": ["n"], "additionalProperties": false}"""));
            }
            else
            {
                options.Tools = [s_weather];
                options.ToolMode = ChatToolMode.RequireAny;
            }

            return await client.GetResponseAsync("What is the weather in Oslo?", options);
        }));
        for (var i = 0; i < answers.Length; i++)
        {
            if (i % 2 == 0)
            {
                Assert.Contains(JsonElement.Parse(answers[i].Text).GetProperty("n").GetString(), (string[])["one", "two"]);
            }
            else
            {
                Assert.NotEmpty(answers[i].Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>());
            }
        }
    }
}
