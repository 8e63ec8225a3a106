using System.Numerics;

namespace Connector.Decoding.Constraints.Lexing;

/// <summary>A set of byte values.</summary>
internal readonly record struct ByteSet(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>All 256 bytes.</summary>
    public static ByteSet All => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>Whether no byte is in the set.</summary>
    public bool IsEmpty => (A | B | C | D) == 0;

    /// <summary>How many bytes are in the set.</summary>
    public int Count => BitOperations.PopCount(A) + BitOperations.PopCount(B) + BitOperations.PopCount(C) + BitOperations.PopCount(D);

    /// <summary>The smallest byte of a set that is not empty.</summary>
    public byte First => (byte)(A != 0 ? BitOperations.TrailingZeroCount(A)
        : B != 0 ? 64 + BitOperations.TrailingZeroCount(B)
        : C != 0 ? 128 + BitOperations.TrailingZeroCount(C)
        : 192 + BitOperations.TrailingZeroCount(D));

    /// <summary>The set of one byte.</summary>
    public static ByteSet Of(byte value) => Range(value, value);

    /// <summary>The bytes of <paramref name="values"/>.</summary>
    public static ByteSet Of(ReadOnlySpan<byte> values)
    {
        var set = default(ByteSet);
        foreach (var value in values)
        {
            set |= Of(value);
        }

        return set;
    }

    /// <summary>The bytes from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public static ByteSet Range(byte low, byte high) => new(Word(low, high, 0), Word(low, high, 64), Word(low, high, 128), Word(low, high, 192));

    /// <summary>Whether a byte is in the set.</summary>
    public bool Contains(byte value) => ((value >> 6) switch { 0 => A, 1 => B, 2 => C, _ => D } >> (value & 63) & 1) != 0;

    public static ByteSet operator |(ByteSet x, ByteSet y) => new(x.A | y.A, x.B | y.B, x.C | y.C, x.D | y.D);

    public static ByteSet operator &(ByteSet x, ByteSet y) => new(x.A & y.A, x.B & y.B, x.C & y.C, x.D & y.D);

    public static ByteSet operator ~(ByteSet x) => new(~x.A, ~x.B, ~x.C, ~x.D);

    private static ulong Word(int low, int high, int start)
    {
        var from = Math.Max(low - start, 0);
        var to = Math.Min(high - start, 63);
        return from > to ? 0 : ulong.MaxValue >> (63 - to + from) << from;
    }
}
