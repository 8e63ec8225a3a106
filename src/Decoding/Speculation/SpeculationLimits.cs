using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connector.Decoding.Speculation;

/// <summary>How much speculation may use.</summary>
public sealed record SpeculationLimits
{
    /// <summary>The most draft tokens of one call of the model, all requests together. Default 63; the engine's own limits hold too.</summary>
    public int MaxDrafted { get; init; } = 63;

    /// <summary>Tokens of a request that are searched for repetitions, latest first. Default 131,072, at 28 bytes each where they are used.</summary>
    public int RequestTokens { get; init; } = 1 << 17;

    /// <summary>Tokens of earlier answers that are searched, oldest out first. Default 262,144, at 28 bytes each where they are used.</summary>
    public int FinishedTokens { get; init; } = 1 << 18;

    /// <summary>
    /// The time that measuring the device may take when an engine starts and nothing is kept from an earlier run. Default 300 ms;
    /// a few calls are made however short it is.
    /// </summary>
    public TimeSpan Calibration { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>What is out of range, each as "name is value but must be at least …"; empty where all is well.</summary>
    public IEnumerable<string> Faults()
    {
        (string Name, double Value, double Minimum)[] numbers =
        [
            (nameof(MaxDrafted), MaxDrafted, 0),
            (nameof(RequestTokens), RequestTokens, 64),
            (nameof(FinishedTokens), FinishedTokens, 64),
            (nameof(Calibration), Calibration.TotalSeconds, 0),
        ];
        return numbers.Where(n => n.Value < n.Minimum).Select(n => FormattableString.Invariant($"{n.Name} is {n.Value} but must be at least {n.Minimum}"));
    }
}

/// <summary>What speculation is told about its surroundings.</summary>
public sealed record SpeculationSetup
{
    /// <summary>
    /// The folder in which measured step costs are kept, such as one in the user's cache folder, so that the next load starts
    /// warm. Null (default): nothing is kept.
    /// </summary>
    public string? CacheFolder { get; init; }

    /// <summary>
    /// What step costs depend on besides the model's name and the context's conditions: the model file's size or hash, the device.
    /// Default: empty.
    /// </summary>
    public string Device { get; init; } = "";

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where it is logged what was measured, and what is off and why. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
