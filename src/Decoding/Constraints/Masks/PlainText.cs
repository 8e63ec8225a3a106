using System.Text;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>
/// Plain text: whole code points of valid UTF-8 without quotes, backslashes and control characters, the bulk of any
/// vocabulary, and what JSON strings may contain as it is.
/// </summary>
internal static class PlainText
{
    /// <summary>The code points of plain text, or -1 where it is not plain.</summary>
    public static int CodePoints(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (text.Length > 0)
        {
            if (Rune.DecodeFromUtf8(text, out var rune, out var length) != System.Buffers.OperationStatus.Done
                || rune.Value is '"' or '\\' or < ' ')
            {
                return -1;
            }

            text = text[length..];
            count++;
        }

        return count;
    }

    /// <summary>Where the bytes of one plain code point stand: before it.</summary>
    public const int Outside = 0;

    /// <summary>States of <see cref="Next"/>.</summary>
    public const int StateCount = 8;

    /// <summary>
    /// An automaton of plain code points: the state after a byte, <see cref="Outside"/> at the end of a code point,
    /// -1 where the byte cannot stand. (Unicode 16, table 3-7, well-formed UTF-8.)
    /// </summary>
    public static int Next(int state, byte value) => (state, value) switch
    {
        (Outside, (byte)'"' or (byte)'\\' or < 0x20) => -1,
        (Outside, < 0x80) => Outside,
        (Outside, >= 0xC2 and <= 0xDF) => 1,
        (Outside, 0xE0) => 2,
        (Outside, 0xED) => 3,
        (Outside, >= 0xE1 and <= 0xEF) => 4,
        (Outside, 0xF0) => 5,
        (Outside, >= 0xF1 and <= 0xF3) => 6,
        (Outside, 0xF4) => 7,
        (1, >= 0x80 and <= 0xBF) => Outside,
        (2, >= 0xA0 and <= 0xBF) => 1,
        (3, >= 0x80 and <= 0x9F) => 1,
        (4, >= 0x80 and <= 0xBF) => 1,
        (5, >= 0x90 and <= 0xBF) => 4,
        (6, >= 0x80 and <= 0xBF) => 4,
        (7, >= 0x80 and <= 0x8F) => 4,
        _ => -1,
    };
}
