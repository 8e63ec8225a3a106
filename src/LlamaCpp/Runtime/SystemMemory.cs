using System.Globalization;

namespace Connector.LlamaCpp;

/// <summary>How much memory can still be taken, so that too large a model is refused instead of ending the process.</summary>
internal static class SystemMemory
{
    /// <summary>Bytes that are free or can be freed, within the limits of a container; long.MaxValue where nothing is known.</summary>
    public static long Available()
    {
        if (OperatingSystem.IsLinux() && AvailableOnLinux(Read) is { } available)
        {
            return available;
        }

        // The second best: where a container or a setting limits the GC's heap, this is that limit, which does not bind native memory.
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return limit > 0 ? limit : long.MaxValue;
    }

    /// <summary>What the machine and the control groups of this process have left, whichever is least; null where neither is known.</summary>
    /// <param name="read">Gives a file's text; null where there is none.</param>
    internal static long? AvailableOnLinux(Func<string, string?> read)
    {
        var least = Number(read("/proc/meminfo"), "MemAvailable:") is { } kilobytes ? kilobytes * 1024 : long.MaxValue;
        foreach (var group in (read("/proc/self/cgroup") ?? "").Split('\n'))
        {
            // Version 2 is the hierarchy 0 without controllers; version 1 has one for memory.
            least = Math.Min(least, group.Split(':', 3) switch
            {
                ["0", "", var path] => LeftInGroups(read, "/sys/fs/cgroup", path, "memory.max", "memory.current", "inactive_file"),
                [_, "memory", var path] => LeftInGroups(read, "/sys/fs/cgroup/memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
                _ => long.MaxValue,
            });
        }

        return least == long.MaxValue ? null : least;
    }

    /// <summary>Refuses what does not fit.</summary>
    /// <exception cref="ModelMemoryException">More is needed than available.</exception>
    public static void Require(long needed, long available, string what)
    {
        if (needed > available)
        {
            throw new ModelMemoryException(string.Create(
                CultureInfo.InvariantCulture, $"{what} needs about {needed / 1048576.0:N0} MiB of memory, and {available / 1048576.0:N0} MiB are available."));
        }
    }

    /// <summary>The least that a group and those above it have left. Groups that are not to be seen are passed over: in a container the path may be the host's.</summary>
    private static long LeftInGroups(Func<string, string?> read, string root, string path, string limit, string usage, string reclaimable)
    {
        var least = long.MaxValue;
        for (var group = path.TrimEnd('/'); ; group = group[..group.LastIndexOf('/')])
        {
            var folder = root + group + "/";
            if (Number(read(folder + limit)) is { } most && Number(read(folder + usage)) is { } used)
            {
                least = Math.Min(least, Math.Max(0, most - used + (Number(read(folder + "memory.stat"), reclaimable) ?? 0)));
            }

            if (group.Length == 0)
            {
                return least;
            }
        }
    }

    /// <summary>The number in a file, behind a name where there are several; null where there is none, such as in "max".</summary>
    private static long? Number(string? text, string? name = null)
    {
        foreach (var line in (text ?? "").Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var word = name is null ? words.FirstOrDefault() : words is [var first, var second, ..] && first == name ? second : null;
            if (long.TryParse(word, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }
        }

        return null;
    }

    private static string? Read(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
