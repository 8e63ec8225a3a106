using Connector.TestSupport;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Readme;

/// <summary>The README's programs, word for word, compiled and run.</summary>
public class ReadmeTests
{
    enum Mood { Happy, Neutral, Sad }
    sealed record Review(Mood Mood, bool Recommends);

    [Fact]
    public async Task Its_programs_run()
    {
        // The README's paths start at the repository.
        Directory.SetCurrentDirectory(Path.Combine(Path.GetDirectoryName(TestModels.Demo)!, ".."));

        using var client = await LocalChatClient.LoadAsync("models/connector-demo-4.6m-q8_0.gguf");
        await foreach (var update in client.GetStreamingResponseAsync("What is the capital of South Korea?"))
            Console.Write(update.Text);

        AIFunction weather = AIFunctionFactory.Create((string city) => $"It is sunny in {city}.", "get_weather", "Tells the weather in a city.");
        using var agent = client.WithToolInvocation();
        var answer = await agent.GetResponseAsync("What is the weather in Oslo?", new ChatOptions { Tools = [weather] });
        Assert.NotEmpty(answer.Messages);

        var review = await client.GetJsonAsync<Review>("What a lovely day in Oslo!");
        Assert.True(Enum.IsDefined(review.Mood));
    }

    [Fact]
    public void They_are_those_of_the_readme()
    {
        var programs = Read("README.md").Split("```csharp\n").Skip(1).Select(part => Lines(part.Split("```")[0])).ToList();
        var tests = Lines(Read("tests/Connector.Tests/Readme/ReadmeTests.cs")) + Lines(Read("tests/Hosting.Tests/ReadmeServicesTests.cs"));
        Assert.Equal(5, programs.Count);
        Assert.All(programs, program => Assert.Contains(program, tests, StringComparison.Ordinal));
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Path.GetDirectoryName(TestModels.Demo)!, "..", path));

    private static string Lines(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
}
