namespace Connector.LlamaCpp;

/// <summary>How attention is computed and its cache stored. Null as flash attention leaves the choice to libllama.</summary>
internal readonly record struct CacheStorage(bool? FlashAttention, CacheType Keys, CacheType Values)
{
    // ggml's fused kernel multiplies 64 half-precision numbers at a time on a processor, and the rest one by one.
    private const int LeastKeyWidth = 64;

    /// <summary>
    /// The kernels of these types add up one cell after the other for every token alone, whatever stands beside it in the
    /// batch (docs/native.md has the measurements).
    /// </summary>
    private static bool IsExact(CacheType type) => type is CacheType.BF16 or CacheType.Q8;

    /// <summary>Fills in what options leave open.</summary>
    /// <exception cref="ArgumentException">The options ask for exactness together with what excludes it.</exception>
    public static CacheStorage Choose(LlamaContextOptions options, ModelMetadata model, bool onGpu)
    {
        if (options.ExactMode)
        {
            return ChooseExact(options, onGpu);
        }

        var (keys, values) = (options.KeyType ?? CacheType.F16, options.ValueType ?? CacheType.F16);
        var isSlow = !onGpu && KeyValueMemory.KeyWidth(model) is > 0 and < LeastKeyWidth && values is not (CacheType.Q4 or CacheType.Q8);
        return new CacheStorage(options.FlashAttention ?? (isSlow ? false : null), keys, values);
    }

    private static CacheStorage ChooseExact(LlamaContextOptions options, bool onGpu)
    {
        var storage = new CacheStorage(true, options.KeyType ?? CacheType.BF16, options.ValueType ?? CacheType.BF16);
        var reason =
            onGpu ? "GPU kernels change with the shape of the batch; load the model with GpuLayers = 0"
            : options.FlashAttention == false ? "it needs flash attention"
            : !IsExact(storage.Keys) || !IsExact(storage.Values) ? "keys and values must be BF16 or Q8"
            : options.MaxSequences > OrderedMemory.MaxSequences ? $"it keeps at most {OrderedMemory.MaxSequences} sequences"
            : null;
        return reason is null ? storage : throw new ArgumentException($"ExactMode is not possible: {reason}.", nameof(options));
    }
}
