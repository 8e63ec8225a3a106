namespace Connector.Decoding.Constraints.Lexing;

/// <summary>The coarsest partition of the bytes in which each of some sets is a union of classes.</summary>
internal sealed class ByteClasses
{
    private int _count = 1;

    public ByteClasses(ReadOnlySpan<ByteSet> sets) => Refine(sets);

    /// <summary>Splits classes that one of some more sets tells apart.</summary>
    public void Refine(ReadOnlySpan<ByteSet> sets)
    {
        Span<int> renamed = stackalloc int[512];
        foreach (var set in sets)
        {
            if (_count == 256)
            {
                break;
            }

            renamed.Clear();
            var next = 0;
            for (var b = 0; b < 256; b++)
            {
                ref var name = ref renamed[(Of[b] * 2) + (set.Contains((byte)b) ? 1 : 0)];
                name = name == 0 ? ++next : name;
                Of[b] = (byte)(name - 1);
            }

            _count = next;
        }

        Representatives = new byte[_count];
        for (var b = 255; b >= 0; b--)
        {
            Representatives[Of[b]] = (byte)b;
        }
    }

    /// <summary>The class of each byte.</summary>
    public byte[] Of { get; } = new byte[256];

    /// <summary>The smallest byte of each class.</summary>
    public byte[] Representatives { get; private set; } = [];

    /// <summary>How many classes there are.</summary>
    public int Count => Representatives.Length;
}
