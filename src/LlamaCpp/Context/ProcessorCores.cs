namespace Connector.LlamaCpp;

/// <summary>Counts cores; a second thread on a core slows matrix products down.</summary>
internal static class ProcessorCores
{
    /// <summary>The physical cores that this process may use, at least 1.</summary>
    public static int Count { get; } = Math.Clamp(
        OperatingSystem.IsLinux() ? CountOnLinux("/sys/devices/system/cpu") : Environment.ProcessorCount, 1, Environment.ProcessorCount);

    /// <summary>Counts the distinct sets of sibling threads below a sysfs folder; all logical processors where it says nothing.</summary>
    internal static int CountOnLinux(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return Environment.ProcessorCount;
        }

        var siblings = Directory.EnumerateDirectories(folder, "cpu*")
            .Select(cpu => Path.Combine(cpu, "topology", "thread_siblings_list"))
            .Where(File.Exists)
            .Select(File.ReadAllText)
            .Distinct(StringComparer.Ordinal)
            .Count();
        return siblings == 0 ? Environment.ProcessorCount : siblings;
    }
}
