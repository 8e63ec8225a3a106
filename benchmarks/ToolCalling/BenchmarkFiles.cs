namespace Connector.Benchmarks.ToolCalling;

/// <summary>Where models and data lie: beside this program, or in the folder <c>shared</c> beside the repository.</summary>
internal static class BenchmarkFiles
{
    /// <summary>The demo model.</summary>
    public static FileInfo Demo => new(Path.Combine(AppContext.BaseDirectory, "models", "connector-demo-4.6m-q8_0.gguf"));

    /// <summary>The demo model's held-out conversations.</summary>
    public static FileInfo HeldOut => new(Path.Combine(AppContext.BaseDirectory, "data", "demo-held-out.jsonl"));

    /// <summary>Real tool definitions.</summary>
    public static FileInfo RealTools => Shared("data/tool-calling/bfcl-dev.jsonl.gz", "--data");

    /// <summary>A real English chat model, whose template knows no tools.</summary>
    public static FileInfo SmolLm => Shared("models/SmolLM2-135M-Instruct.Q4_1.gguf", "--model");

    /// <summary>A large vocabulary.</summary>
    public static FileInfo LargeVocabulary => Shared("models/vocab/ggml-vocab-qwen2.gguf", "--vocab");

    private static FileInfo Shared(string name, string option)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (new FileInfo(Path.Combine(folder, "shared", name)) is { Exists: true } file)
            {
                return file;
            }
        }

        throw new FileNotFoundException($"There is no shared/{name} beside the repository; {option} names another file.");
    }
}
