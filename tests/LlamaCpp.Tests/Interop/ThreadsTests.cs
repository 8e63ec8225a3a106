using Connector.Decoding;
using Connector.LlamaCpp.Interop;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Interop;

/// <summary>Alone, because it counts the threads of the process.</summary>
[CollectionDefinition(nameof(ThreadsTests), DisableParallelization = true)]
[Collection(nameof(ThreadsTests))]
public sealed class ThreadsTests(DemoModel demo) : IClassFixture<DemoModel>
{

    [Fact]
    public unsafe void Parameters_are_read_where_ggml_writes_them()
    {
        GgmlThreadParams parameters;
        Ggml.InitializeThreadParams(&parameters, 7);

        Assert.Equal((7, 0, 50u, false, false), (parameters.Threads, parameters.Priority, parameters.Polling, parameters.KeepsToProcessors, parameters.Paused));
    }

    [Fact]
    public void A_context_has_its_threads_from_its_making_to_its_end()
    {
        const int Contexts = 16;
        Logits(threads: 2);
        var before = Count();
        var contexts = Enumerable.Range(0, Contexts).Select(_ => demo.Model.CreateContext(Small(threads: 2))).ToList();
        var meanwhile = Count();
        contexts.ForEach(c => c.Dispose());

        // The caller's own is the first of two. The runtime starts and ends a few.
        Assert.InRange(meanwhile - before, Contexts - 6, Contexts + 6);
        Assert.InRange(Count() - before, -6, 6);
    }

    [Fact]
    public void Contexts_that_are_made_used_and_disposed_side_by_side_compute_the_same()
    {
        var expected = Logits(threads: 1);
        // Few of them: threads that wait for each other take long where there are more than cores.
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i => Assert.Equal(expected, Logits(threads: 1 + (i % 2))));
    }

    private float[] Logits(int threads)
    {
        using var context = demo.Model.CreateContext(Small(threads));
        var batch = new TokenBatch(8);
        for (var position = 0; position < 3; position++)
        {
            batch.Clear();
            batch.Add(300 + position, position, 0, wantsLogits: true);
            context.Evaluate(batch);
        }

        return context.Logits(0).ToArray();
    }

    private static LlamaContextOptions Small(int threads) => new() { Capacity = 64, MaxBatchTokens = 8, Threads = threads };

    private static int Count()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}
