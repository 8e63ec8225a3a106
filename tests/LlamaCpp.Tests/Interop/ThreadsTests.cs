using Connector.Decoding;
using Connector.LlamaCpp.Interop;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Interop;

public sealed class ThreadsTests(DemoModel demo) : IClassFixture<DemoModel>
{
    private const string Maker = "makes contexts";

    [Fact]
    public unsafe void Parameters_are_read_where_ggml_writes_them()
    {
        GgmlThreadParams parameters;
        Ggml.InitializeThreadParams(&parameters, 7);

        Assert.Equal((7, 0, 50u, false, false), (parameters.Threads, parameters.Priority, parameters.Polling, parameters.KeepsToProcessors, parameters.Paused));
    }

    [LinuxFact]
    public void A_context_has_its_threads_from_its_making_to_its_end()
    {
        // A thread is named as the one that starts it, which tells these from all others of the process.
        var (meanwhile, computing, afterwards) = (0, 0, 0);
        var maker = new Thread(() =>
        {
            LlamaContext[] contexts = [.. Enumerable.Range(0, 5).Select(_ => demo.Model.CreateContext(Small(threads: 2)))];
            meanwhile = CountNamed(Maker);
            Evaluate(contexts[0]);
            computing = CountNamed(Maker);
            Array.ForEach(contexts, c => c.Dispose());
            afterwards = CountNamed(Maker);
        })
        { Name = Maker };
        maker.Start();
        maker.Join();

        // Of the two threads that compute the caller's own is one.
        Assert.Equal((1 + 5, 1 + 5, 1), (meanwhile, computing, afterwards));
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
        return Evaluate(context);
    }

    private static float[] Evaluate(LlamaContext context)
    {
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

    private static int CountNamed(string name) => Directory.EnumerateDirectories("/proc/self/task").Count(task => NameOf(task) == name);

    private static string? NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).TrimEnd();
        }
        catch (IOException)
        {
            // It has ended since it was listed.
            return null;
        }
    }

    private sealed class LinuxFactAttribute : FactAttribute
    {
        public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "Reads /proc.";
    }
}
