using Connector.Decoding;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Context;

public class LlamaContextTests(DemoModel demo) : IClassFixture<DemoModel>
{
    private static LlamaContextOptions Small => new() { Capacity = 256, MaxSequences = 2, MaxBatchTokens = 64, MaxOutputs = 8, Threads = 1 };

    [Fact]
    public void An_ordinary_model_allows_everything()
    {
        using var context = demo.Model.CreateContext(Small);

        Assert.Equal(MemoryCapabilities.All, context.Memory);
        Assert.Equal((256, 2, 64, 8), (context.Capacity, context.MaxSequences, context.MaxBatchTokens, context.MaxOutputs));
    }

    [Fact]
    public void Conditions_tell_apart_what_makes_calls_faster_or_slower()
    {
        string Of(LlamaContextOptions options)
        {
            using var context = demo.Model.CreateContext(options);
            return context.Conditions;
        }

        Assert.Equal(Of(Small), Of(Small with { Capacity = 128 }));
        Assert.NotEqual(Of(Small), Of(Small with { Threads = 2 }));
        Assert.NotEqual(Of(Small), Of(Small with { FlashAttention = true }));
        Assert.NotEqual(Of(Small with { FlashAttention = true }), Of(Small with { ExactMode = true }));
    }

    [Fact]
    public void The_capacity_is_the_models_unless_the_budget_is_smaller()
    {
        var perToken = KeyValueMemory.BytesPerToken(demo.Model.Metadata, CacheType.F16, CacheType.F16);
        using var whole = demo.Model.CreateContext(new LlamaContextOptions { Threads = 1 });
        using var half = demo.Model.CreateContext(new LlamaContextOptions { Threads = 1, MemoryBudget = perToken * 600 });

        Assert.Equal(1024, whole.Capacity);
        Assert.Equal(512, half.Capacity);
    }

    [Fact]
    public void A_context_longer_than_the_models_is_refused_with_both_lengths()
    {
        var error = Assert.Throws<ArgumentException>(() => demo.Model.CreateContext(new LlamaContextOptions { Capacity = 2048 }));

        Assert.Contains("2048", error.Message, StringComparison.Ordinal);
        Assert.Contains("1024", error.Message, StringComparison.Ordinal);
        using var two = demo.Model.CreateContext(new LlamaContextOptions { Capacity = 2048, MaxSequences = 2, Threads = 1 });
        Assert.Equal(2048, two.Capacity);
    }

    [ModelFact(TestModels.SmolLm2)]
    public async Task A_context_larger_than_memory_is_refused_before_it_is_taken()
    {
        using var model = await LlamaModel.LoadAsync(TestModels.Get(TestModels.SmolLm2));

        var error = Assert.Throws<ModelMemoryException>(
            () => model.CreateContext(new LlamaContextOptions { Capacity = 8192 * 250, MaxSequences = 250, KeyType = CacheType.F32, ValueType = CacheType.F32 }));

        Assert.Contains("MiB", error.Message, StringComparison.Ordinal);
    }

    [ModelFact(TestModels.SmolLm2)]
    public async Task What_libllama_refuses_comes_with_its_reason()
    {
        using var model = await LlamaModel.LoadAsync(TestModels.Get(TestModels.SmolLm2));

        var error = Assert.Throws<ArgumentException>(
            () => model.CreateContext(new LlamaContextOptions { Capacity = 256, FlashAttention = false, ValueType = CacheType.Q8 }));

        Assert.Contains("flash_attn", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batches_that_would_end_the_process_are_refused()
    {
        using var context = demo.Model.CreateContext(Small);
        var batch = new TokenBatch(100);

        Assert.Throws<ArgumentException>(() => context.Evaluate(batch));
        Assert.Contains("sequence 2", Error(() => batch.Add(5, 0, 2, false)), StringComparison.Ordinal);
        Assert.Contains("65 tokens", Error(() => AddMany(65, wantsLogits: false)), StringComparison.Ordinal);
        Assert.Contains("9 outputs", Error(() => AddMany(9, wantsLogits: true)), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Truncate(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => context.CopySequence(0, -1));

        string Error(Action fill)
        {
            batch.Clear();
            fill();
            return Assert.Throws<ArgumentException>(() => context.Evaluate(batch)).Message;
        }

        void AddMany(int count, bool wantsLogits)
        {
            for (var i = 0; i < count; i++)
            {
                batch.Add(5, i, 0, wantsLogits);
            }
        }
    }

    [Fact]
    public void A_batch_that_libllama_refuses_says_why_and_the_context_goes_on()
    {
        using var context = demo.Model.CreateContext(Small);
        var batch = new TokenBatch(4);
        batch.Add(1_000_000, 0, 0, true);

        var error = Assert.Throws<ModelEvaluationException>(() => context.Evaluate(batch));

        Assert.Contains("invalid", error.Message, StringComparison.Ordinal);
        batch.Clear();
        batch.Add(5, 0, 0, true);
        context.Evaluate(batch);
        Assert.Equal(4096, context.Logits(0).Length);
    }

    [Fact]
    public void A_full_cache_is_its_own_error_and_changes_nothing()
    {
        using var context = demo.Model.CreateContext(Small);
        var batch = new TokenBatch(64);
        for (var start = 0; start < 256; start += 64)
        {
            Fill(batch, start, 64);
            context.Evaluate(batch);
        }

        Fill(batch, 256, 1);
        Assert.Throws<OutOfContextException>(() => context.Evaluate(batch));
        Assert.True(context.Truncate(0, 255));
        Fill(batch, 255, 1);
        context.Evaluate(batch);
    }

    [Fact]
    public void Logits_are_there_for_rows_that_asked_and_for_no_others()
    {
        using var context = demo.Model.CreateContext(Small);
        var batch = new TokenBatch(4);
        batch.Add(5, 0, 0, false);
        batch.Add(6, 1, 0, true);
        context.Evaluate(batch);

        Assert.Equal(4096, context.Logits(1).Length);
        Assert.Throws<ArgumentException>(() => context.Logits(0).Length);
        Assert.Throws<ArgumentException>(() => context.Logits(2).Length);
        Assert.Throws<InvalidOperationException>(() => context.Hidden(1).Length);
    }

    [Fact]
    public void Hidden_states_come_for_every_row_when_asked_for()
    {
        using var context = demo.Model.CreateContext(Small);
        var batch = new TokenBatch(4);
        batch.Add(5, 0, 0, false);
        batch.Add(6, 1, 0, true);
        context.Evaluate(batch);
        var logits = context.Logits(1).ToArray();
        context.Truncate(0, 0);
        batch.WantsHidden = true;

        context.Evaluate(batch);

        Assert.Equal(256, context.Hidden(0).Length);
        Assert.NotEqual(context.Hidden(0).ToArray(), context.Hidden(1).ToArray());
        Assert.Equal(logits, context.Logits(1).ToArray());
        Assert.Throws<ArgumentException>(() => context.Logits(0).Length);
    }

    [Fact]
    public void Cancellation_interrupts_and_the_next_call_works()
    {
        using var context = demo.Model.CreateContext(new LlamaContextOptions { Threads = 1, MaxBatchTokens = 512 });
        using var cancellation = new CancellationTokenSource();
        var batch = new TokenBatch(512);
        Fill(batch, 0, 512);
        cancellation.CancelAfter(TimeSpan.FromMilliseconds(1));

        // A machine may be faster than the timer: then there is nothing to interrupt, and the call is repeated.
        Assert.ThrowsAny<OperationCanceledException>(EvaluateForEver);

        context.Truncate(0, 0);
        context.Evaluate(batch);
        Assert.Equal(4096, context.Logits(511).Length);

        void EvaluateForEver()
        {
            while (true)
            {
                context.Evaluate(batch, cancellation.Token);
                context.Truncate(0, 0);
            }
        }
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using var context = demo.Model.CreateContext(Small);
        using var cancellation = new CancellationTokenSource();
        var batch = new TokenBatch(4);
        var sum = 0f;
        Step(0);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var position = 1; position < 20; position++)
        {
            Step(position);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0, sum);

        void Step(int position)
        {
            batch.Clear();
            batch.Add(5, position, 0, true);
            context.Evaluate(batch, cancellation.Token);
            sum += context.Logits(0)[0];
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Models_and_contexts_are_disposed_in_any_order(bool modelFirst)
    {
        var model = await LlamaModel.LoadAsync(TestModels.DemoDraft);
        var context = model.CreateContext(Small);
        var batch = new TokenBatch(4);
        batch.Add(5, 0, 0, true);
        if (modelFirst)
        {
            model.Dispose();
            context.Evaluate(batch);
            Assert.Equal(4096, context.Logits(0).Length);
            Assert.Throws<ObjectDisposedException>(() => model.CreateContext(Small));
        }

        context.Dispose();
        context.Dispose();
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => context.Evaluate(batch));
        Assert.Throws<ObjectDisposedException>(() => context.Logits(0).Length);
        Assert.Throws<ObjectDisposedException>(() => context.Truncate(0, 0));
    }

    [Fact]
    public void Positions_can_be_shifted()
    {
        using var context = demo.Model.CreateContext(Small);
        var batch = new TokenBatch(64);
        Fill(batch, 0, 20);
        context.Evaluate(batch);

        Assert.True(context.Truncate(0, 0, 10));
        context.ShiftPositions(0, 10, -1, -10);
        Fill(batch, 10, 1);
        context.Evaluate(batch);

        Assert.Equal(4096, context.Logits(0).Length);
    }

    private static void Fill(TokenBatch batch, int start, int count)
    {
        batch.Clear();
        for (var i = 0; i < count; i++)
        {
            batch.Add(5 + (i % 50), start + i, 0, i == count - 1);
        }
    }
}
