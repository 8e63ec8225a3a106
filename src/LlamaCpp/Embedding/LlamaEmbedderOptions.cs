namespace Connector.LlamaCpp;

/// <summary>What a <see cref="LlamaEmbedder"/> is made for.</summary>
public sealed record LlamaEmbedderOptions
{
    /// <summary>The most tokens of one text. Null (default): what the model was trained for.</summary>
    public int? MaxTextTokens { get; init; }

    /// <summary>The most texts of one call of the model. Default 32.</summary>
    public int MaxTexts { get; init; } = 32;

    /// <summary>
    /// The most tokens of one call of the model, all its texts together. Default 512, which suits processors: every token
    /// is compared with every other of its call, its own text's or not. GPUs like more. Never less than one text's.
    /// </summary>
    public int MaxBatchTokens { get; init; } = 512;

    /// <summary>How one vector is made of a text's tokens. Null (default): as the model says.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>Threads. Null (default): the physical cores that this process may use on Linux, its logical processors elsewhere.</summary>
    public int? Threads { get; init; }
}
