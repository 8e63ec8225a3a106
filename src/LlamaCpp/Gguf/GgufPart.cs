using System.Collections.Immutable;

namespace Connector.LlamaCpp;

/// <summary>One GGUF file's header: metadata and tensors, checked as strictly as libllama does and against the file's size.</summary>
internal sealed record GgufPart(uint Version, Dictionary<string, object> Metadata, ImmutableArray<GgufTensor> Tensors)
{
    private const uint Magic = 0x46554747; // "GGUF"
    private const int MaxNameBytes = 63;
    private const int MaxDimensions = 4;
    private const int DefaultAlignment = 32;

    public static GgufPart Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            return Read(new GgufReader(stream, path), path);
        }
        catch (DirectoryNotFoundException error)
        {
            throw new FileNotFoundException($"There is no file '{path}'.", path, error);
        }
    }

    private static GgufPart Read(GgufReader reader, string path)
    {
        if (reader.Length < sizeof(uint) || reader.Read<uint>() != Magic)
        {
            throw reader.Error("it does not start with 'GGUF'");
        }

        var version = reader.Read<uint>();
        if (version is < 2 or > 3)
        {
            throw reader.Error($"version {version} is not known, only 2 and 3 are");
        }

        var tensorCount = reader.Read<long>();
        var metadataCount = reader.Read<long>();
        if (tensorCount < 0 || metadataCount < 0 || tensorCount > reader.Length || metadataCount > reader.Length)
        {
            throw reader.Error($"it claims {tensorCount} tensors and {metadataCount} metadata entries");
        }

        var metadata = ReadMetadata(reader, metadataCount);
        var alignment = ReadAlignment(reader, metadata);
        return new GgufPart(version, metadata, ReadTensors(reader, path, tensorCount, alignment));
    }

    private static Dictionary<string, object> ReadMetadata(GgufReader reader, long count)
    {
        var metadata = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var i = 0L; i < count; i++)
        {
            var key = reader.ReadString();
            if (key.Length == 0)
            {
                throw reader.Error($"metadata entry {i} has no key");
            }

            if (!metadata.TryAdd(key, reader.ReadValue(reader.Read<uint>(), key)))
            {
                throw reader.Error($"the metadata key '{key}' occurs twice");
            }
        }

        return metadata;
    }

    private static long ReadAlignment(GgufReader reader, Dictionary<string, object> metadata)
    {
        var value = metadata.GetValueOrDefault("general.alignment", (uint)DefaultAlignment);
        return value is uint alignment && uint.IsPow2(alignment) ? alignment : throw reader.Error($"its alignment {value} is not a power of two");
    }

    private static ImmutableArray<GgufTensor> ReadTensors(GgufReader reader, string path, long count, long alignment)
    {
        var tensors = new List<GgufTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var next = 0L;
        for (var i = 0L; i < count; i++)
        {
            var tensor = ReadTensor(reader, path, i);
            if (!names.Add(tensor.Name))
            {
                throw reader.Error($"the tensor '{tensor.Name}' occurs twice");
            }

            if (tensor.Offset != next)
            {
                throw reader.Error($"the tensor '{tensor.Name}' stands at {tensor.Offset} instead of {next} of the data");
            }

            next += Pad(tensor.Length, alignment);
            if (next < 0)
            {
                throw reader.Error("its tensors are larger than any file");
            }

            tensors.Add(tensor);
        }

        var start = Pad(reader.Position, alignment);
        foreach (var tensor in tensors)
        {
            if (tensor.Length > reader.Length - start - tensor.Offset)
            {
                throw reader.Error($"the tensor '{tensor.Name}' runs past the end of the file");
            }
        }

        return [.. tensors.Select(tensor => tensor with { Offset = start + tensor.Offset })];
    }

    // The offset of the result still counts from the start of the data.
    private static GgufTensor ReadTensor(GgufReader reader, string path, long index)
    {
        var name = reader.ReadString();
        if (System.Text.Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
        {
            throw reader.Error($"the name of tensor {index} is longer than {MaxNameBytes} bytes");
        }

        var dimensions = reader.Read<uint>();
        if (dimensions > MaxDimensions)
        {
            throw reader.Error($"the tensor '{name}' has {dimensions} dimensions");
        }

        var shape = ImmutableArray.CreateBuilder<long>((int)dimensions);
        Int128 elements = 1;
        for (var i = 0; i < dimensions; i++)
        {
            shape.Add(reader.Read<long>());
            elements *= shape[i];
            if (shape[i] <= 0 || elements > long.MaxValue)
            {
                throw reader.Error($"dimension {i} of the tensor '{name}' is {shape[i]}");
            }
        }

        var id = reader.Read<uint>();
        if (id >= GgmlType.ById.Count || GgmlType.ById[(int)id] is not { Name: not null } type)
        {
            throw reader.Error($"the tensor '{name}' has the unknown type {id}");
        }

        if ((shape.Count == 0 ? 1 : shape[0]) % type.BlockLength != 0)
        {
            throw reader.Error($"the rows of the tensor '{name}' are no multiple of {type.Name}'s block of {type.BlockLength}");
        }

        var bytes = elements / type.BlockLength * type.BlockBytes;
        return new GgufTensor(
            name,
            type.Name,
            shape.ToImmutable(),
            path,
            reader.Read<long>(),
            bytes <= reader.Length ? (long)bytes : throw reader.Error($"the tensor '{name}' is larger than the file"));
    }

    private static long Pad(long position, long alignment) => (position + alignment - 1) & ~(alignment - 1);
}
