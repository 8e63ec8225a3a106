using Microsoft.Extensions.Logging;

namespace Connector.Decoding.Engine;

/// <summary>What the engine logs.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Error, "Evaluating a batch failed; the affected requests fail and the context is rebuilt.")]
    public static partial void EvaluationFailed(ILogger logger, Exception cause);

    [LoggerMessage(2, LogLevel.Error, "A request failed.")]
    public static partial void RequestFailed(ILogger logger, Exception cause);

    [LoggerMessage(3, LogLevel.Error, "Drafting failed and is off from now on; the text is not affected.")]
    public static partial void DraftingFailed(ILogger logger, Exception cause);

    [LoggerMessage(4, LogLevel.Critical, "The engine has failed and takes no more requests.")]
    public static partial void EngineFailed(ILogger logger, Exception cause);

    [LoggerMessage(6, LogLevel.Error, "A step failed; the running requests fail and the context is rebuilt.")]
    public static partial void StepFailed(ILogger logger, Exception cause);

    [LoggerMessage(7, LogLevel.Error, "A pinned prefix of {Length} tokens could not be evaluated again in {Tries} attempts and is not in the cache any more; the text is not affected.")]
    public static partial void PrefixLost(ILogger logger, int length, int tries);

    [LoggerMessage(5, LogLevel.Information, "Engine for {Model}: {Capacity} tokens, {Slots} requests at once, memory {Memory}, drafts {Drafts}.")]
    public static partial void Started(ILogger logger, string model, int capacity, int slots, MemoryCapabilities memory, string drafts);
}
