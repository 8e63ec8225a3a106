using System.Globalization;

namespace Connector.LlamaCpp;

/// <summary>Estimates what a KV cache takes, before it is allocated.</summary>
internal static class KeyValueMemory
{
    /// <summary>Cells come in groups of this many.</summary>
    public const int CellGroup = 256;

    /// <summary>Bytes of one cached token over all layers. An ordinary attention cache is assumed; others take less.</summary>
    public static long BytesPerToken(ModelMetadata model, CacheType keys, CacheType values)
    {
        var heads = PerLayer(model, "attention.head_count", 1);
        var sharedHeads = PerLayer(model, "attention.head_count_kv", heads[0]);
        var valueWidth = Number(model, "attention.value_length", EqualShare(model, heads));
        return sharedHeads.Sum(count => Bytes(count * KeyWidth(model), keys) + Bytes(count * valueWidth, values));
    }

    /// <summary>Numbers of a key of one head; 0 where the file does not say.</summary>
    public static long KeyWidth(ModelMetadata model) =>
        Number(model, "attention.key_length", EqualShare(model, PerLayer(model, "attention.head_count", 1)));

    /// <summary>The capacity that a budget allows: the wish, or as many whole groups of cells as fit, at least one.</summary>
    public static int Fit(int wish, long bytesPerToken, long budget)
    {
        var groups = bytesPerToken == 0 ? long.MaxValue : budget / bytesPerToken / CellGroup;
        return (int)Math.Min(wish, Math.Max(1, Math.Min(groups, int.MaxValue / CellGroup)) * CellGroup);
    }

    // Where a file names no width, the heads share the model's.
    private static long EqualShare(ModelMetadata model, long[] heads) => Number(model, "embedding_length", 0) / Math.Max(1, heads.Max());

    private static long Bytes(long numbers, CacheType type)
    {
        var format = GgmlType.ById[(int)type];
        return (numbers + format.BlockLength - 1) / format.BlockLength * format.BlockBytes;
    }

    private static long Number(ModelMetadata model, string name, long absent) => model.Gguf.GetInteger($"{model.Architecture}.{name}") ?? absent;

    // Some models give one number for all layers, some one for each.
    private static long[] PerLayer(ModelMetadata model, string name, long absent) => model.Gguf[$"{model.Architecture}.{name}"] switch
    {
        Array { Length: > 0 } each when each.GetValue(0) is int or uint or long or ulong or short or ushort or byte or sbyte =>
            [.. each.Cast<object>().Select(value => Convert.ToInt64(value, CultureInfo.InvariantCulture))],
        _ => [.. Enumerable.Repeat(Number(model, name, absent), Math.Max(1, model.LayerCount))],
    };
}
