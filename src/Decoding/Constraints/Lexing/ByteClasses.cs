namespace Connector.Decoding.Constraints.Lexing;

/// <summary>The coarsest partition of the bytes in which each of some sets is a union of classes.</summary>
internal sealed class ByteClasses
{
    public ByteClasses(ReadOnlySpan<ByteSet> sets)
    {
        var classOf = new int[256];
        var count = 1;
        var split = new Dictionary<(int Class, bool Inside), int>();
        foreach (var set in sets)
        {
            split.Clear();
            var next = 0;
            for (var b = 0; b < 256; b++)
            {
                var key = (classOf[b], set.Contains((byte)b));
                if (!split.TryGetValue(key, out var id))
                {
                    split[key] = id = next++;
                }

                classOf[b] = id;
            }

            count = next;
            if (count == 256)
            {
                break;
            }
        }

        Of = [.. classOf.Select(static c => (byte)c)];
        Representatives = new byte[count];
        for (var b = 255; b >= 0; b--)
        {
            Representatives[Of[b]] = (byte)b;
        }
    }

    /// <summary>The class of each byte.</summary>
    public byte[] Of { get; }

    /// <summary>The smallest byte of each class.</summary>
    public byte[] Representatives { get; }

    /// <summary>How many classes there are.</summary>
    public int Count => Representatives.Length;
}
