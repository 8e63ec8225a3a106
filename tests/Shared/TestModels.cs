namespace Connector.TestSupport;

/// <summary>
/// Where tests find models: the demo pair in the repository's <c>models</c>, and real ones in the folder that
/// CONNECTOR_TEST_MODELS names, else in <c>shared/models</c> beside the repository.
/// </summary>
internal static class TestModels
{
    public const string SmolLm2 = "SmolLM2-135M-Instruct.Q4_1.gguf";
    public const string MiniLm = "all-MiniLM-L6-v2.Q8_0.gguf";
    public const string LlamaBpeVocabulary = "vocab/ggml-vocab-llama-bpe.gguf";
    public const string LlamaSpmVocabulary = "vocab/ggml-vocab-llama-spm.gguf";
    public const string QwenVocabulary = "vocab/ggml-vocab-qwen2.gguf";

    private static readonly string? Repository = FindUpwards(folder => File.Exists(Path.Combine(folder, "Connector.sln")));
    private static readonly string? Shared = FindUpwards(folder => Directory.Exists(Path.Combine(folder, "shared", "models"))) is { } parent ? Path.Combine(parent, "shared") : null;

    /// <summary>The demo chat model, 4.6 M parameters.</summary>
    public static string Demo => InRepository("models/connector-demo-4.6m-q8_0.gguf");

    /// <summary>The demo draft model, 1.3 M parameters, with the same vocabulary.</summary>
    public static string DemoDraft => InRepository("models/connector-demo-1.3m-q8_0.gguf");

    /// <summary>A real model's path, or null where it is absent.</summary>
    public static string? Find(string name)
    {
        string?[] folders = [Environment.GetEnvironmentVariable("CONNECTOR_TEST_MODELS"), Shared is null ? null : Path.Combine(Shared, "models")];
        return folders.OfType<string>().Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>A real model's path, for a test that a <see cref="ModelFactAttribute"/> lets run only where it is there.</summary>
    public static string Get(string name) => Find(name) ?? throw new FileNotFoundException($"The model '{name}' is absent; give the test a [ModelFact].", name);

    /// <summary>A file below <c>shared/data</c>, for a test that a <see cref="DataFactAttribute"/> lets run only where it is there.</summary>
    public static string GetData(string name) => FindData(name) ?? throw new FileNotFoundException($"The file 'shared/data/{name}' is absent; give the test a [DataFact].", name);

    /// <summary>A file below <c>shared/data</c> beside the repository, or null where it is absent.</summary>
    public static string? FindData(string name) =>
        Shared is not null && Path.Combine(Shared, "data", name) is var path && File.Exists(path) ? path : null;

    /// <summary>A file of the repository's <c>docs</c>.</summary>
    public static string Document(string name) => InRepository("docs/" + name);

    /// <summary>A path below the repository.</summary>
    public static string InRepository(string path) =>
        Path.Combine(Repository ?? throw new DirectoryNotFoundException("The tests do not run below the repository, which holds the demo models."), path);

    private static string? FindUpwards(Predicate<string> isIt)
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !isIt(folder))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder;
    }
}

/// <summary>A fact that needs real models (paths below the models folder) and is reported as skipped where one is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ModelFactAttribute : FactAttribute
{
    public ModelFactAttribute(params string[] models) => Skip = MissingModels.Reason(models);
}

/// <summary>A fact that needs a file below <c>shared/data</c>, and perhaps real models, and is reported as skipped where one is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute(string data, params string[] models) => Skip =
        TestModels.FindData(data) is null ? $"The file 'shared/data/{data}' is absent." : MissingModels.Reason(models);
}

/// <summary>A theory that needs real models and is reported as skipped where one is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ModelTheoryAttribute : TheoryAttribute
{
    public ModelTheoryAttribute(params string[] models) => Skip = MissingModels.Reason(models);
}

/// <summary>A theory that needs real models and minutes: it runs only where CONNECTOR_LONG_TESTS is set.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LongModelTheoryAttribute : TheoryAttribute
{
    public LongModelTheoryAttribute(params string[] models) => Skip =
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CONNECTOR_LONG_TESTS")) ? "It takes minutes; set CONNECTOR_LONG_TESTS to run it." : MissingModels.Reason(models);
}

internal static class MissingModels
{
    public static string? Reason(string[] models) =>
        models.FirstOrDefault(model => TestModels.Find(model) is null) is { } missing
            ? $"The model '{missing}' is absent (CONNECTOR_TEST_MODELS, shared/models)."
            : null;
}
