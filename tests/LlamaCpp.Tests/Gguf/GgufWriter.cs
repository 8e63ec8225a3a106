using System.Text;

namespace Connector.LlamaCpp.Tests.Gguf;

/// <summary>Writes small GGUF files with F32 weights for tests of models that nobody ships this small.</summary>
internal sealed class GgufWriter
{
    private readonly List<(string Key, object Value)> _metadata = [];
    private readonly List<(string Name, float[] Data, long[] Shape)> _tensors = [];

    public void Add(string key, object value) => _metadata.Add((key, value));

    /// <summary>Adds a tensor of small random numbers.</summary>
    public void AddTensor(string name, Random random, params long[] shape) =>
        _tensors.Add((name, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (random.NextSingle() - 0.5f) * 0.2f)], shape));

    public void Write(string path)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write((long)_tensors.Count);
        writer.Write((long)_metadata.Count);
        foreach (var (key, value) in _metadata)
        {
            Text(writer, key);
            Value(writer, value);
        }

        var offset = 0L;
        foreach (var (name, data, shape) in _tensors)
        {
            Text(writer, name);
            writer.Write(shape.Length);
            foreach (var length in shape)
            {
                writer.Write(length);
            }

            writer.Write(0);
            writer.Write(offset);
            offset += ((data.Length * 4L) + 31) / 32 * 32;
        }

        foreach (var (_, data, _) in _tensors)
        {
            Pad(writer);
            foreach (var number in data)
            {
                writer.Write(number);
            }
        }

        Pad(writer);
    }

    private static void Pad(BinaryWriter writer) => writer.Write(new byte[(32 - (writer.BaseStream.Position % 32)) % 32]);

    private static void Text(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((long)bytes.Length);
        writer.Write(bytes);
    }

    private static void Value(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case uint number:
                writer.Write(4);
                writer.Write(number);
                break;
            case float number:
                writer.Write(6);
                writer.Write(number);
                break;
            case bool truth:
                writer.Write(7);
                writer.Write(truth);
                break;
            case string text:
                writer.Write(8);
                Text(writer, text);
                break;
            case string[] texts:
                writer.Write(9);
                writer.Write(8);
                writer.Write((long)texts.Length);
                Array.ForEach(texts, text => Text(writer, text));
                break;
            case int[] numbers:
                writer.Write(9);
                writer.Write(5);
                writer.Write((long)numbers.Length);
                Array.ForEach(numbers, writer.Write);
                break;
            default:
                throw new NotSupportedException($"{value.GetType()} is not written here.");
        }
    }
}
