using Connector.LlamaCpp;

namespace Connector.Benchmarks.Micro;

/// <summary>What the benchmarks work on; set from the command line before they run.</summary>
internal static class Inputs
{
    private const string MadeUp =
        "The quick brown fox writes a letter to the lazy dog – «naïve», as ever – and adds 3.14 reasons.\n"
        + "Das Wörterbuch liegt auf dem Tisch; 今日は良い天気です。 A smiley 🙂 ends the line.\n";

    public static FileInfo Model { get; set; } = new(Path.Combine(AppContext.BaseDirectory, "models", "connector-demo-4.6m-q8_0.gguf"));

    public static FileInfo? Data { get; set; }

    public static string Text => Data is { } file ? File.ReadAllText(file.FullName) : string.Concat(Enumerable.Repeat(MadeUp, 20));

    /// <summary>The model's vocabulary, without its weights.</summary>
    public static Task<LlamaModel> LoadVocabularyAsync() =>
        LlamaModel.LoadAsync(Model.FullName, new LlamaModelOptions { VocabularyOnly = true });
}
