using Connector.Decoding.Constraints;

namespace Connector.Benchmarks.MaskBench;

/// <summary>What to run.</summary>
/// <param name="Data">The data file.</param>
/// <param name="Vocabulary">A GGUF file; null: bytes.</param>
/// <param name="Sample">How many schemas, evenly spaced; null: all.</param>
/// <param name="Only">Part of the names of the schemas to run; null: all.</param>
/// <param name="Parallel">Threads.</param>
/// <param name="Quick">Whether masks are left out.</param>
/// <param name="Order">The order in which constraints allow properties.</param>
internal sealed record BenchOptions(string Data, string? Vocabulary, int? Sample, string? Only, int Parallel, bool Quick, PropertyOrder Order)
{
    /// <summary>The development set, in a folder named shared beside the repository.</summary>
    public static string? FindData()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var path = Path.Combine(folder, "shared", "data", "maskbench", "maskbench-dev.jsonl.gz");
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
