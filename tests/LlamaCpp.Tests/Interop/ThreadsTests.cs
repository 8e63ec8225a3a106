using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp.Tests.Interop;

public sealed class ThreadsTests
{
    public ThreadsTests() => NativeRuntime.EnsureStarted();

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

    private static int Count()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}
