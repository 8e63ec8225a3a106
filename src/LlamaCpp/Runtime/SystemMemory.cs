using System.Globalization;

namespace Connector.LlamaCpp;

/// <summary>How much memory can still be taken, so that too large a model is refused instead of ending the process.</summary>
internal static class SystemMemory
{
    /// <summary>Bytes that are free or can be freed, within the limits of a container; long.MaxValue where nothing is known.</summary>
    public static long Available()
    {
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var free = OperatingSystem.IsLinux() && File.Exists("/proc/meminfo") ? ParseAvailable(File.ReadLines("/proc/meminfo")) : null;
        return Math.Min(free ?? long.MaxValue, limit > 0 ? limit : long.MaxValue);
    }

    /// <summary>MemAvailable of /proc/meminfo in bytes.</summary>
    internal static long? ParseAvailable(IEnumerable<string> lines) =>
        lines.FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal)) is { } line
        && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture, out var kilobytes)
            ? kilobytes * 1024
            : null;

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
}
