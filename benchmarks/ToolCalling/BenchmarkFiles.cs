using Connector.Decoding.Engine;
using Connector.LlamaCpp;

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

    /// <summary>The folder of real chat templates, or null where it is absent.</summary>
    public static string? Templates => Find("data/chat-templates/templates", Directory.Exists);

    /// <summary>The chat client's options with a number of threads; null: the library's own choice.</summary>
    public static LocalChatClientOptions WithThreads(int? threads) => threads is null ? new LocalChatClientOptions() : new LocalChatClientOptions
    {
        Engine = new EngineOptions { ConfigureContext = context => new LlamaContextOptions(context) { Threads = threads } },
    };

    /// <summary>A number of threads in words, after the model's name.</summary>
    public static string Threads(int? threads) => threads is null ? "" : FormattableString.Invariant($", {threads} threads");

    private static FileInfo Shared(string name, string option) => Find(name, File.Exists) is { } path
        ? new FileInfo(path)
        : throw new FileNotFoundException($"There is no shared/{name} beside the repository; {option} names another file.");

    private static string? Find(string name, Predicate<string> exists)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Path.Combine(folder, "shared", name) is var path && exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
