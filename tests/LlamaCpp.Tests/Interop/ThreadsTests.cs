using Connector.Decoding;
using Connector.LlamaCpp.Interop;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Interop;

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
    public void Threads_are_started_once_and_end_when_they_are_told_to()
    {
        const int Many = 200;
        var before = Count();
        var threads = Ggml.StartThreads(Many);
        Assert.NotEqual(0, threads);
        var meanwhile = Count();
        Ggml.StopThreads(threads);

        // The caller is one of them; other tests start and end a few meanwhile.
        Assert.InRange(meanwhile - before, Many - 50, Many + 50);
        Assert.InRange(Count() - before, -50, 50);
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
        using var context = demo.Model.CreateContext(new LlamaContextOptions { Capacity = 64, MaxBatchTokens = 8, Threads = threads });
        var batch = new TokenBatch(8);
        for (var position = 0; position < 3; position++)
        {
            batch.Clear();
            batch.Add(300 + position, position, 0, wantsLogits: true);
            context.Evaluate(batch);
        }

        return context.Logits(0).ToArray();
    }

    private static int Count()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}
