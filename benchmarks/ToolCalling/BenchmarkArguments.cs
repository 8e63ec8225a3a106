namespace Connector.Benchmarks.ToolCalling;

/// <summary>The command line.</summary>
/// <param name="Model">The GGUF file that generates; null: the mode's own choice.</param>
/// <param name="Vocabulary">The GGUF file whose tokens answers are walked in; null: the large one beside the repository, else the model's.</param>
/// <param name="Data">The conversations; null: the mode's own.</param>
/// <param name="Sample">How many conversations to take; null: all for walks, a mode's own number for generation.</param>
/// <param name="Quick">Whether a rough figure soon is enough.</param>
/// <param name="Json">Where results go as JSON; null: nowhere.</param>
internal sealed record BenchmarkArguments(FileInfo? Model, FileInfo? Vocabulary, FileInfo? Data, int? Sample, bool Quick, FileInfo? Json);
