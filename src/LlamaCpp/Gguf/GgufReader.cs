using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Connector.LlamaCpp;

/// <summary>Reads GGUF's little-endian values from a stream; every length is checked against what is left before memory is taken for it.</summary>
internal sealed class GgufReader(Stream stream, string path)
{
    private readonly long _length = stream.Length;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>The size of the file.</summary>
    public long Length => _length;

    public T Read<T>() where T : unmanaged
    {
        T value = default;
        Fill(MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    public string ReadString()
    {
        var length = Read<ulong>();
        Reserve(length, 1, "a string");
        var bytes = length <= 1024 ? stackalloc byte[(int)length] : new byte[(int)length];
        Fill(bytes);
        return Decode(bytes);
    }

    /// <summary>
    /// UTF-8, without loss: a byte that is none becomes a lone low surrogate of its value (Python's surrogateescape), so
    /// different texts stay different.
    /// </summary>
    internal static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                length = 1;
                text.Append((char)(0xDC00 + bytes[0]));
            }

            bytes = bytes[length..];
        }

        return text.ToString();
    }

    /// <summary>A value of GGUF type <paramref name="type"/>, as the .NET type of the same width; arrays as .NET arrays.</summary>
    public object ReadValue(uint type, string key) => type switch
    {
        0 => Read<byte>(),
        1 => Read<sbyte>(),
        2 => Read<ushort>(),
        3 => Read<short>(),
        4 => Read<uint>(),
        5 => Read<int>(),
        6 => Read<float>(),
        7 => ReadBoolean(key),
        8 => ReadString(),
        9 => ReadArray(key),
        10 => Read<ulong>(),
        11 => Read<long>(),
        12 => Read<double>(),
        _ => throw Error($"the metadata key '{key}' has the unknown type {type}"),
    };

    public InvalidGgufException Error(string what) => new($"'{path}' is damaged or no GGUF file: {what} (at byte {Position} of {_length}).");

    private bool ReadBoolean(string key) => Read<byte>() switch
    {
        0 => false,
        1 => true,
        var value => throw Error($"the metadata key '{key}' holds {value} as a truth value"),
    };

    private object ReadArray(string key)
    {
        var type = Read<uint>();
        var count = Read<ulong>();
        return type switch
        {
            0 => ReadArray<byte>(count),
            1 => ReadArray<sbyte>(count),
            2 => ReadArray<ushort>(count),
            3 => ReadArray<short>(count),
            4 => ReadArray<uint>(count),
            5 => ReadArray<int>(count),
            6 => ReadArray<float>(count),
            7 => Array.ConvertAll(ReadArray<byte>(count), value => value != 0),
            8 => ReadStrings(count),
            10 => ReadArray<ulong>(count),
            11 => ReadArray<long>(count),
            12 => ReadArray<double>(count),
            _ => throw Error($"the metadata key '{key}' is an array of the unknown type {type}"),
        };
    }

    private string[] ReadStrings(ulong count)
    {
        Reserve(count, sizeof(ulong), "an array");
        var values = new string[(int)count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ReadString();
        }

        return values;
    }

    private T[] ReadArray<T>(ulong count) where T : unmanaged
    {
        Reserve(count, System.Runtime.CompilerServices.Unsafe.SizeOf<T>(), "an array");
        var values = new T[(int)count];
        Fill(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private void Reserve(ulong count, int elementBytes, string what)
    {
        if (count > (ulong)((_length - Position) / elementBytes) || count > (ulong)Array.MaxLength)
        {
            throw Error($"{what} of {count} elements runs past the end of the file");
        }
    }

    private void Fill(Span<byte> bytes)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw Error("the file ends too early");
        }

        Position += bytes.Length;
    }
}
