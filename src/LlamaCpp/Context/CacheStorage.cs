namespace Connector.LlamaCpp;

/// <summary>How attention is computed and its cache stored. Null as flash attention leaves the choice to libllama.</summary>
internal readonly record struct CacheStorage(bool? FlashAttention, CacheType Keys, CacheType Values)
{
    /// <summary>Fills in what options leave open.</summary>
    public static CacheStorage Choose(LlamaContextOptions options, bool onGpu)
    {
        var values = options.ValueType ?? CacheType.F16;
        var flash = options.FlashAttention ?? (onGpu ? null : values is CacheType.Q4 or CacheType.Q8);
        return new CacheStorage(flash, options.KeyType ?? CacheType.F16, values);
    }
}
