using System.Globalization;

namespace Connector.LlamaCpp;

/// <summary>
/// The metadata of a GGUF file. Values are .NET's of the same kind: byte to ulong, sbyte to long, float, double, bool,
/// string, or an array of one of these. Immutable and thread-safe.
/// </summary>
public sealed class GgufMetadata
{
    private readonly Dictionary<string, object> _values;

    internal GgufMetadata(Dictionary<string, object> values) => _values = values;

    /// <summary>All keys.</summary>
    public IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>The value under a key, or null where there is none.</summary>
    public object? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>The text under a key, or null where there is none.</summary>
    public string? GetString(string key) => _values.GetValueOrDefault(key) as string;

    /// <summary>The whole number under a key, or null where there is none or it is larger than a long.</summary>
    public long? GetInteger(string key) => _values.GetValueOrDefault(key) switch
    {
        null or string or Array or bool or float or double => null,
        ulong value => value <= long.MaxValue ? (long)value : null,
        var value => Convert.ToInt64(value, CultureInfo.InvariantCulture),
    };

    /// <summary>The truth value under a key, or null where there is none.</summary>
    public bool? GetBoolean(string key) => _values.GetValueOrDefault(key) as bool?;

    /// <summary>The array under a key, or null where there is none of this element type.</summary>
    public IReadOnlyList<T>? GetArray<T>(string key) => _values.GetValueOrDefault(key) as T[];
}
