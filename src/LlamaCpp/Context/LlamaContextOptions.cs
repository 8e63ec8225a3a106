using Connector.Decoding;

namespace Connector.LlamaCpp;

/// <summary>How the KV cache stores keys or values.</summary>
public enum CacheType
{
    /// <summary>32-bit floating point.</summary>
    F32 = 0,

    /// <summary>16-bit floating point.</summary>
    F16 = 1,

    /// <summary>Blocks of 32 numbers in 4 bits with a scale (llama.cpp's Q4_0).</summary>
    Q4 = 2,

    /// <summary>Blocks of 32 numbers in 8 bits with a scale (llama.cpp's Q8_0).</summary>
    Q8 = 8,

    /// <summary>16-bit brain floating point.</summary>
    BF16 = 30,
}

/// <summary>What a context of a <see cref="LlamaModel"/> is made for.</summary>
public sealed record LlamaContextOptions : ContextOptions
{
    /// <summary>The defaults.</summary>
    public LlamaContextOptions() { }

    /// <summary>The defaults beside the given general options.</summary>
    public LlamaContextOptions(ContextOptions options) : base(options) { }

    /// <summary>
    /// Whether flash attention is used. Null (default): wherever model and device can, a CPU included, except that there heads narrower
    /// than 64 go without, for which its kernel is slow.
    /// </summary>
    public bool? FlashAttention { get; init; }

    /// <summary>How keys are stored. Null (default): F16.</summary>
    public CacheType? KeyType { get; init; }

    /// <summary>How values are stored. Null (default): F16. Q4 and Q8 need flash attention.</summary>
    public CacheType? ValueType { get; init; }

    /// <summary>Threads for single tokens and for batches. Null (default): the physical cores that this process may use on Linux, its logical processors elsewhere.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// The most bytes that the KV cache may take where <see cref="ContextOptions.Capacity"/> is null: the capacity is
    /// then the model's own context length, or what fits. Default 2 GiB.
    /// </summary>
    public long MemoryBudget { get; init; } = 2L << 30;
}
