using System.Globalization;
using System.Runtime.InteropServices;

namespace Connector.Benchmarks.EndToEnd.Reporting;

/// <summary>What the program runs on.</summary>
internal static class Machine
{
    /// <summary>Names and values for the first lines of a report.</summary>
    public static IEnumerable<(string Name, string Value)> Describe()
    {
        yield return ("processor", $"{Processor()}, {Environment.ProcessorCount} logical cores");
        yield return ("memory", string.Create(CultureInfo.InvariantCulture, $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30):0.#} GiB"));
        yield return ("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
        yield return ("build", IsOptimised ? "Release" : "Debug: build with -c Release for figures that count");
        yield return ("date", DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
    }

    private static bool IsOptimised =>
#if DEBUG
        false;
#else
        true;
#endif

    private static string Processor()
    {
        const string CpuInfo = "/proc/cpuinfo";
        var line = File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
