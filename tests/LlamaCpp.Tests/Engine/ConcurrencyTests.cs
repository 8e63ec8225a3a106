using System.Collections.Immutable;
using Connector.Decoding;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;

namespace Connector.LlamaCpp.Tests.Engine;

public sealed class ConcurrencyTests(DemoModel demo) : IClassFixture<DemoModel>
{
    private static readonly string[] Questions =
    [
        "What is the capital of South Korea?", "Who are you?", "What is 17 plus 25?", "Tell me about the city of Paris.", "Hello!",
    ];

    [Fact]
    public async Task Thirty_two_requests_at_once_give_token_for_token_what_each_gives_alone()
    {
        var requests = Enumerable.Range(0, 32).Select(i => new GenerationRequest
        {
            Prompt = Prompt(Questions[i % Questions.Length]),
            MaxTokens = 8 + (i % 7 * 6),
            Sampling = new SamplingOptions { Temperature = i % 4 * 0.4f, TopP = 0.95f, Seed = (ulong)i },
        }).ToList();

        var alone = new List<int[]>();
        await using (var engine = Engine(new EngineOptions { ContextCapacity = 512, MaxSequences = 1, MaxCachedSequences = 0, ExactMode = true }))
        {
            foreach (var request in requests)
            {
                alone.Add(await ReadAsync(engine.Submit(request)));
            }
        }

        await using var shared = Engine(new EngineOptions { ContextCapacity = 4096, MaxSequences = 16, MaxCachedSequences = 8, ExactMode = true });
        var together = await Task.WhenAll(requests.Select(r => ReadAsync(shared.Submit(r))));
        Assert.Equal(alone, together);

        // And once more, now that prefixes are cached.
        Assert.Equal(alone, await Task.WhenAll(requests.Select(r => ReadAsync(shared.Submit(r)))));
    }

    [Fact]
    public async Task A_conversation_saved_to_a_stream_continues_in_another_engine()
    {
        var options = new EngineOptions { ContextCapacity = 1024, MaxSequences = 2, ExactMode = true };
        var conversation = Prompt(Questions[0]);
        using var file = new MemoryStream();
        await using (var engine = Engine(options))
        {
            await engine.Prefixes.SaveAsync(conversation, file);
        }

        var next = new GenerationRequest { Prompt = (int[])[.. conversation, .. Prompt(Questions[1])], MaxTokens = 24, Sampling = SamplingOptions.Greedy };
        await using var fresh = Engine(options);
        var expected = await ReadAsync(fresh.Submit(next));
        await using var restored = Engine(options);
        file.Position = 0;
        Assert.Equal(conversation, await restored.Prefixes.RestoreAsync(file));
        var generation = restored.Submit(next);
        Assert.Equal(expected, await ReadAsync(generation));
        Assert.Equal(conversation.Length, generation.Usage.Cached);
    }

    [Fact]
    public async Task A_streaming_window_runs_on_beyond_the_context()
    {
        await using var engine = Engine(new EngineOptions { ContextCapacity = 256, MaxContextPerRequest = 64, MaxSequences = 2 });
        var request = new GenerationRequest
        {
            Prompt = Prompt(Questions[3]), MaxTokens = 100, Overflow = ContextOverflow.StreamingWindow,
            Sampling = new SamplingOptions { LogitBias = demo.Model.Vocabulary.EndOfGeneration.ToImmutableDictionary(t => t, _ => float.NegativeInfinity) },
        };
        var generation = engine.Submit(request);
        Assert.Equal(100, (await ReadAsync(generation)).Length);
        Assert.Equal(FinishReason.MaxTokens, generation.FinishReason);
    }

    /// <summary>One thread: libllama's threads wait for each other by spinning, which beside other tests takes ages.</summary>
    private DecodingEngine Engine(EngineOptions options) =>
        new(demo.Model, options with { ConfigureContext = context => new LlamaContextOptions(context) { Threads = 1 } });

    private int[] Prompt(string question) => demo.Model.Vocabulary.Tokenize(
        $"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n", parseSpecial: true);

    private static async Task<int[]> ReadAsync(Generation generation)
    {
        var tokens = new List<int>();
        await foreach (var token in generation)
        {
            tokens.Add(token.Token);
        }

        return [.. tokens];
    }
}
