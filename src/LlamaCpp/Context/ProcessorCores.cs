using System.Globalization;

namespace Connector.LlamaCpp;

/// <summary>Counts cores; a second thread on a core slows matrix products down.</summary>
internal static class ProcessorCores
{
    /// <summary>The physical cores that this process may use, on Linux; elsewhere the logical processors. At least 1.</summary>
    public static int Count { get; } = Math.Clamp(
        OperatingSystem.IsLinux() ? CountOnLinux("/sys/devices/system/cpu", AllowedOnLinux("/proc/self/status")) : Environment.ProcessorCount, 1, Environment.ProcessorCount);

    /// <summary>Counts the distinct sets of sibling threads below a sysfs folder; all logical processors where it says nothing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="allowed">The processors that may be used, such as "0-1,16-17"; null: all.</param>
    internal static int CountOnLinux(string folder, string? allowed)
    {
        if (!Directory.Exists(folder))
        {
            return Environment.ProcessorCount;
        }

        var processors = allowed is null ? null : Parse(allowed);
        var siblings = Directory.EnumerateDirectories(folder, "cpu*")
            .Where(cpu => int.TryParse(Path.GetFileName(cpu)[3..], CultureInfo.InvariantCulture, out var number) && processors?.Contains(number) != false)
            .Select(cpu => Path.Combine(cpu, "topology", "thread_siblings_list"))
            .Where(File.Exists)
            .Select(File.ReadAllText)
            .Distinct(StringComparer.Ordinal)
            .Count();
        return siblings == 0 ? Environment.ProcessorCount : siblings;
    }

    private static string? AllowedOnLinux(string status)
    {
        const string Name = "Cpus_allowed_list:";
        return File.Exists(status) ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal))?[Name.Length..] : null;
    }

    private static HashSet<int> Parse(string list)
    {
        var processors = new HashSet<int>();
        foreach (var range in list.Split(','))
        {
            var ends = range.Split('-');
            if (int.TryParse(ends[0], CultureInfo.InvariantCulture, out var first) && int.TryParse(ends[^1], CultureInfo.InvariantCulture, out var last))
            {
                processors.UnionWith(Enumerable.Range(first, Math.Max(0, last - first + 1)));
            }
        }

        return processors;
    }
}
