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

        Assert.Equal(2, ProcessorCores.CountOnLinux(_folder.FullName, null));
        Assert.InRange(ProcessorCores.Count, 1, Environment.ProcessorCount);
    }

    [Theory]
    [InlineData("0-1,16-17", 2)]
    [InlineData("0,17\n", 2)]
    [InlineData("0,16", 1)]
    [InlineData("8-15", 8)]
    [InlineData("0-31", 16)]
    public void Only_cores_that_the_process_may_use_count(string allowed, int expected)
    {
        for (var cpu = 0; cpu < 32; cpu++)
        {
            var topology = _folder.CreateSubdirectory(Path.Combine($"cpu{cpu}", "topology"));
            File.WriteAllText(Path.Combine(topology.FullName, "thread_siblings_list"), $"{cpu % 16},{(cpu % 16) + 16}\n");
        }

        Assert.Equal(expected, ProcessorCores.CountOnLinux(_folder.FullName, allowed));
    }

    [Fact]
    public void Available_memory_is_the_machines_where_no_group_has_a_limit()
    {
        Assert.Equal(2048L * 1024, Available(("/proc/meminfo", "MemTotal:  9999 kB\nMemAvailable:     2048 kB\n")));
        Assert.Null(Available(("/proc/meminfo", "MemTotal: 1 kB\n")));
        Assert.Null(Available());
        Assert.InRange(SystemMemory.Available(), 1, long.MaxValue);
        Assert.Equal(2048L * 1024, Available(
            ("/proc/meminfo", "MemAvailable:     2048 kB\n"), ("/proc/self/cgroup", "0::/\n"), ("/sys/fs/cgroup/memory.max", "max\n"), ("/sys/fs/cgroup/memory.current", "77\n")));
    }

    [Fact]
    public void A_groups_limit_less_what_it_uses_and_cannot_give_back_is_available()
    {
        (string, string) machine = ("/proc/meminfo", "MemAvailable: 1000000 kB\n");

        // Version 2: the group itself has no limit, the one above it has.
        Assert.Equal(500_000 - 300_000 + 100_000, Available(
            machine,
            ("/proc/self/cgroup", "0::/outer/inner\n"),
            ("/sys/fs/cgroup/outer/inner/memory.max", "max\n"),
            ("/sys/fs/cgroup/outer/inner/memory.current", "200000\n"),
            ("/sys/fs/cgroup/outer/memory.max", "500000\n"),
            ("/sys/fs/cgroup/outer/memory.current", "300000\n"),
            ("/sys/fs/cgroup/outer/memory.stat", "anon 1\ninactive_file 100000\nactive_file 7\n")));

        // Version 1: in a container the path is the host's, and its own group stands at the root.
        Assert.Equal(500_000 - 300_000 + 100_000, Available(
            machine,
            ("/proc/self/cgroup", "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n0::/\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "500000\n"),
            ("/sys/fs/cgroup/memory/memory.usage_in_bytes", "300000\n"),
            ("/sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 100000\n")));

        // More in use than allowed: nothing is left.
        Assert.Equal(0, Available(machine, ("/proc/self/cgroup", "0::/\n"), ("/sys/fs/cgroup/memory.max", "5\n"), ("/sys/fs/cgroup/memory.current", "6\n")));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_both_numbers()
    {
        SystemMemory.Require(100, 100, "x");

        var error = Assert.Throws<ModelMemoryException>(() => SystemMemory.Require(3L << 30, 1L << 30, "The model 'm'"));

        Assert.Contains("3,072 MiB", error.Message, StringComparison.Ordinal);
        Assert.Contains("1,024 MiB", error.Message, StringComparison.Ordinal);
    }

    private static long? Available(params (string Path, string Text)[] files) =>
        SystemMemory.AvailableOnLinux(path => files.FirstOrDefault(file => file.Path == path).Text);
}
