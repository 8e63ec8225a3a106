namespace Connector;

/// <summary>How <see cref="ToolInvocationExtensions.WithToolInvocation"/> runs the calls of a model.</summary>
public sealed record ToolInvocationOptions
{
    /// <summary>
    /// The most rounds of calls for one request; the answer after the last may not call any more. Default 16; 0 forbids
    /// calls from the start.
    /// </summary>
    public int MaxRounds { get; init; } = 16;

    /// <summary>The most calls of one round that run at the same time. Default: all; 1 runs them one after the other.</summary>
    public int MaxParallelCalls { get; init; } = int.MaxValue;

    /// <summary>
    /// Whether the model is told the message of an exception that a function threw, so that it can do better. Default
    /// true; false tells it only that the call failed.
    /// </summary>
    public bool TellsErrors { get; init; } = true;

    /// <summary>The service provider that functions are given. Default: none.</summary>
    public IServiceProvider? Services { get; init; }
}
