using Connector.Decoding.Engine;
using static Connector.Decoding.Tests.Engine.EngineHarness;

namespace Connector.Decoding.Tests.Engine;

public sealed class ContextOverflowTests
{
    [Fact]
    public void A_prompt_of_exactly_the_context_yields_one_token_and_a_longer_one_is_refused_with_both_numbers()
    {
        var model = new ScriptedModel { TrainedContextLength = 16 };
        using var engine = Create(model);
        var full = Request(new string('b', 16), maxTokens: 5, seed: 3);
        var generation = engine.Submit(full);
        Assert.Equal(Alone(model, full, 16).Text, RunToEnd(engine, generation));
        Assert.Equal(Alone(model, full, 16).Reason, generation.FinishReason);

        var error = Assert.Throws<PromptTooLongException>(() => engine.Submit(Request(new string('b', 17))));
        Assert.Equal((17, 16), (error.PromptTokens, error.ContextTokens));
        AssertNothingLeaked(engine, model);
    }

    [Fact]
    public void An_answer_ends_when_the_context_is_full()
    {
        var model = new ScriptedModel { TrainedContextLength = 20 };
        using var engine = Create(model);
        var (request, reason) = Enumerable.Range(0, 50).Select(seed => Request("bcdef", maxTokens: 100, seed: (ulong)seed))
            .Select(r => (r, Alone(model, r, 20).Reason)).First(r => r.Reason == FinishReason.ContextFull);
        var generation = engine.Submit(request);
        Assert.Equal(16, RunToEnd(engine, generation).Length);
        Assert.Equal(reason, generation.FinishReason);
    }

    [Fact]
    public void Dropping_turns_keeps_what_stands_before_the_first_and_the_last()
    {
        // System "bbbb", turns "cccccc", "dddddd", "eeeeee": of 22 tokens 16 fit and 12 are wanted, so two turns go.
        var model = new ScriptedModel { TrainedContextLength = 16 };
        using var engine = Create(model, new EngineOptions { MaxCachedSequences = 0 });
        var request = Request("bbbbccccccddddddeeeeee", maxTokens: 6, seed: 1) with { Overflow = ContextOverflow.DropOldestTurns, TurnStarts = [4, 10, 16] };
        var short_ = Request("bbbbeeeeee", maxTokens: 6, seed: 1);
        Assert.Equal(Alone(model, short_, 16).Text, RunToEnd(engine, engine.Submit(request)));

        // Without turns to drop, or with a last turn that is too long, it is an error with the tokens that cannot go.
        Assert.Equal(22, Assert.Throws<PromptTooLongException>(() => engine.Submit(request with { TurnStarts = [4] })).PromptTokens);
        Assert.Equal(18, Assert.Throws<PromptTooLongException>(() => engine.Submit(request with { TurnStarts = [0, 4] })).PromptTokens);
    }

    [Fact]
    public void Turns_are_dropped_while_the_answer_grows()
    {
        var model = new ScriptedModel { TrainedContextLength = 16 };
        using var engine = Create(model);
        for (ulong seed = 0; seed < 30; seed++)
        {
            var request = Request("bbccccccdddd", maxTokens: 9, seed) with { Overflow = ContextOverflow.DropOldestTurns, TurnStarts = [2, 8] };
            var generation = engine.Submit(request);
            var text = RunToEnd(engine, generation);
            Assert.NotEqual(FinishReason.ContextFull, generation.FinishReason);

            // The first five tokens see everything, the sixth no more the first turn.
            var before = Alone(model, request with { MaxTokens = 5 }, 16).Text;
            Assert.StartsWith(before, text, StringComparison.Ordinal);
        }

        AssertNothingLeaked(engine, model);
    }

    [Theory]
    [InlineData(ContextOverflow.StreamingWindow)]
    [InlineData(ContextOverflow.DropOldestTurns)]
    public void An_overflowing_text_does_not_depend_on_what_else_runs(ContextOverflow overflow)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var requests = Enumerable.Range(0, 6).Select(i => Request("bcbcbcbc" + new string((char)('d' + (i % 2)), random.Next(1, 8)), random.Next(10, 60), (ulong)random.Next()) with
            {
                Overflow = overflow, TurnStarts = [2, 5, 8], AttentionSinks = random.Next(0, 4),
            }).ToList();

            var expected = requests.ConvertAll(r =>
            {
                using var alone = Create(new ScriptedModel { TrainedContextLength = 18 }, new EngineOptions { MaxSequences = 1, MaxCachedSequences = 0 });
                return RunToEnd(alone, alone.Submit(r));
            });

            var model = new ScriptedModel { TrainedContextLength = 18, Capacity = random.Next(24, 100) };
            RandomDrafts? drafts = null;
            using var engine = Create(model, new EngineOptions
            {
                MaxSequences = random.Next(1, 6), MaxBatchTokens = random.Next(2, 30),
                Drafting = _ => drafts = new RandomDrafts(random, r => [.. expected[requests.IndexOf(r)].Select(c => c - 'a')], breaksBounds: false),
            });
            var generations = requests.ConvertAll(r => engine.Submit(r));
            var texts = generations.ConvertAll(_ => "");
            for (var i = 0; i < 5000 && generations.Exists(g => !g.IsReadToEnd); i++)
            {
                engine.Step();
                texts = [.. texts.Zip(generations, (t, g) => t + Letters(ReadAvailable(g)))];
            }

            Assert.All(generations, g => Assert.Null(g.Failure));
            Assert.Equal(expected, texts);
            AssertNothingLeaked(engine, model);
            drafts!.Dispose();
        }
    }

    [Fact]
    public void A_streaming_window_goes_on_beyond_the_context_and_takes_prompts_of_any_length()
    {
        var model = new ScriptedModel { TrainedContextLength = 16 };
        using var engine = Create(model);
        var longest = Enumerable.Range(0, 40).Max(seed =>
        {
            var generation = engine.Submit(Request(new string('c', 40), maxTokens: 50, seed: (ulong)seed) with { Overflow = ContextOverflow.StreamingWindow });
            return RunToEnd(engine, generation).Length;
        });
        Assert.InRange(longest, 30, 50);
        AssertNothingLeaked(engine, model);
    }

    [Fact]
    public void A_streaming_window_that_the_memory_cannot_do_is_refused()
    {
        using var engine = Create(new ScriptedModel { Memory = MemoryCapabilities.Rewind });
        var error = Assert.Throws<NotSupportedException>(() => engine.Submit(Request("b") with { Overflow = ContextOverflow.StreamingWindow }));
        Assert.Contains("StreamingWindow", error.Message, StringComparison.Ordinal);
    }
}
