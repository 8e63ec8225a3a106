using Connector.Decoding.Engine;
using static Connector.Decoding.Tests.Engine.EngineHarness;

namespace Connector.Decoding.Tests.Engine;

public sealed class DecodingEngineTests
{
    [Fact]
    public void One_request_gives_what_the_plain_loop_gives()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var model = new ScriptedModel();
            using var engine = Create(model);
            var request = Request("hello", maxTokens: 20, seed);
            var generation = engine.Submit(request);
            var (text, reason) = Alone(model, request, engine.ContextTokens);
            Assert.Equal(text, RunToEnd(engine, generation));
            Assert.Equal(reason, generation.FinishReason);
            Assert.Equal(text.Length + (reason == FinishReason.EndOfGeneration ? 1 : 0), generation.Usage.Generated);
            Assert.Equal(generation.Usage.Generated, generation.Usage.Bonus);
            AssertNothingLeaked(engine, model);
        }
    }

    [Fact]
    public async Task With_its_own_thread_many_requests_give_what_each_gives_alone()
    {
        var model = new ScriptedModel();
        await using var engine = new DecodingEngine(model, new EngineOptions { MaxSequences = 4, MaxBatchTokens = 16 });
        var requests = Enumerable.Range(0, 30).Select(i => Request("abcdefgh"[(i % 5)..], maxTokens: 5 + i, seed: (ulong)i)).ToList();
        var texts = await Task.WhenAll(requests.Select(r => Task.Run(async () =>
        {
            var generation = engine.Submit(r);
            var tokens = new List<int>();
            await foreach (var token in generation)
            {
                tokens.Add(token.Token);
            }

            return Letters(tokens);
        })));
        Assert.Equal([.. requests.Select(r => Alone(model, r, engine.ContextTokens).Text)], texts);
        Assert.Empty(model.BrokenRules);
    }
}
