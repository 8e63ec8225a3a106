namespace Connector.LlamaCpp.Tests.Runtime;

public sealed class SystemTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("connector-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Threads_of_one_core_count_once()
    {
        foreach (var (cpu, siblings) in new[] { ("cpu0", "0,2\n"), ("cpu1", "1,3\n"), ("cpu2", "0,2\n"), ("cpu3", "1,3\n") })
        {
            var topology = _folder.CreateSubdirectory(Path.Combine(cpu, "topology"));
            File.WriteAllText(Path.Combine(topology.FullName, "thread_siblings_list"), siblings);
        }

        _folder.CreateSubdirectory("cpufreq");

        Assert.Equal(2, ProcessorCores.CountOnLinux(_folder.FullName));
        Assert.InRange(ProcessorCores.Count, 1, Environment.ProcessorCount);
    }

    [Fact]
    public void Available_memory_is_read_in_bytes()
    {
        Assert.Equal(2048L * 1024, SystemMemory.ParseAvailable(["MemTotal:  9999 kB", "MemAvailable:     2048 kB"]));
        Assert.Null(SystemMemory.ParseAvailable(["MemTotal: 1 kB"]));
        Assert.InRange(SystemMemory.Available(), 1, long.MaxValue);
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_both_numbers()
    {
        SystemMemory.Require(100, 100, "x");

        var error = Assert.Throws<ModelMemoryException>(() => SystemMemory.Require(3L << 30, 1L << 30, "The model 'm'"));

        Assert.Contains("3,072 MiB", error.Message, StringComparison.Ordinal);
        Assert.Contains("1,024 MiB", error.Message, StringComparison.Ordinal);
    }
}
