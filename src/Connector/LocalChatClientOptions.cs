namespace Connector;

/// <summary>Options.</summary>
public sealed record LocalChatClientOptions
{
    /// <summary>What a request's options fall back to. Default: nothing, so that <see cref="GenerationSettings.BuiltIn"/> holds.</summary>
    public GenerationSettings Defaults { get; init; } = new();
}
