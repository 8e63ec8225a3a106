namespace Connector.Decoding.Constraints;

/// <summary>
/// How much a compiled constraint may grow before it gives up with a <see cref="ConstraintTooComplexException"/>. All
/// tables grow only as far as text reaches into them, so ordinary constraints stay far below.
/// </summary>
public sealed record ConstraintLimits
{
    /// <summary>The default limits.</summary>
    public static ConstraintLimits Default { get; } = new();

    /// <summary>Regex nodes, states of the lexer included. Default 1,000,000 (about 60 bytes each).</summary>
    public int MaxRegexNodes { get; init; } = 1_000_000;

    /// <summary>States of the parser, and of the whole constraint. Default 500,000.</summary>
    public int MaxStates { get; init; } = 500_000;

    /// <summary>Items of all states of the parser together. Default 4,000,000 (about 24 bytes each).</summary>
    public int MaxItems { get; init; } = 4_000_000;

    /// <summary>Steps of one search for whether a regex with intersections or complements matches anything. Default 100,000.</summary>
    public int MaxEmptinessSteps { get; init; } = 100_000;

    /// <summary>Bytes of cached masks and lexer rows; beyond it masks are computed anew each time. Default 256 MiB.</summary>
    public long MaxCachedBytes { get; init; } = 256L << 20;
}
