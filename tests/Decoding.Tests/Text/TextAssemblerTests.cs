using System.Text;
using Connector.Decoding.Text;

namespace Connector.Decoding.Tests.Text;

public sealed class TextAssemblerTests
{
    [Fact]
    public void However_bytes_are_cut_the_text_is_that_of_all_of_them()
    {
        var random = new Random(1);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = RandomBytes(random);
            var assembler = new TextAssembler();
            var text = new StringBuilder();
            foreach (var piece in Cut(bytes, random))
            {
                text.Append(AssertWholeCharacters(assembler.Append(piece)));
            }

            text.Append(assembler.Flush());
            Assert.Equal(Encoding.UTF8.GetString(bytes), text.ToString());
        }
    }

    [Fact]
    public void Text_ends_before_the_first_stop_string_however_it_is_cut()
    {
        var random = new Random(2);
        string[] stops = ["ab", "é!", "b😀", "ccc"];
        string[] parts = ["a", "b", "é", "!", "😀", "c", "x"];
        for (var round = 0; round < 3000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => parts[random.Next(parts.Length)]));
            var assembler = new TextAssembler(new StopMatcher(stops));
            var result = new StringBuilder();
            foreach (var piece in Cut(Encoding.UTF8.GetBytes(text), random))
            {
                result.Append(AssertWholeCharacters(assembler.Append(piece)));
            }

            var first = stops.Select(s => (Stop: s, At: text.IndexOf(s, StringComparison.Ordinal)))
                .Where(m => m.At >= 0).OrderBy(m => m.At + m.Stop.Length).ThenBy(m => m.At).FirstOrDefault((Stop: null!, At: text.Length));
            Assert.Equal(first.Stop, assembler.StopSequence);
            result.Append(assembler.Flush());
            Assert.Equal(text[..first.At], result.ToString());
        }
    }

    [Fact]
    public void Only_what_may_become_a_stop_string_is_held_back()
    {
        var assembler = new TextAssembler(new StopMatcher("\nUser:"));
        Assert.Equal("Hello", assembler.Append("Hello\n"u8));
        Assert.Equal("\nUs all", assembler.Append("Us all"u8));
        Assert.Equal(".", assembler.Append(".\nUser"u8));
        Assert.Equal("\nUser", assembler.Flush());
    }

    [Fact]
    public void A_character_waits_for_its_last_byte_and_a_broken_one_for_its_proof()
    {
        var assembler = new TextAssembler();
        Assert.Equal("", assembler.Append([0xF0, 0x9F]));
        Assert.Equal("", assembler.Append([0x98]));
        Assert.Equal("😀", assembler.Append([0x80]));
        Assert.Equal("", assembler.Append([0xC3]));
        Assert.Equal("\uFFFDx", assembler.Append("x"u8));
        Assert.Equal("", assembler.Append([0xE2, 0x82]));
        Assert.Equal("\uFFFD", assembler.Flush());
    }

    private static string AssertWholeCharacters(string text)
    {
        Assert.False(text.Length > 0 && (char.IsHighSurrogate(text[^1]) || char.IsLowSurrogate(text[0])), "a character was split");
        return text;
    }

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new List<byte>();
        string[] parts = ["a", "é", "€", "😀", "word "];
        for (var i = random.Next(8); i > 0; i--)
        {
            // Now and then a character loses a byte or a stray byte comes in.
            var part = Encoding.UTF8.GetBytes(parts[random.Next(parts.Length)]);
            bytes.AddRange(random.Next(4) == 0 ? part[..random.Next(part.Length)] : part);
            if (random.Next(6) == 0)
            {
                bytes.Add((byte)random.Next(256));
            }
        }

        return [.. bytes];
    }

    private static List<byte[]> Cut(byte[] bytes, Random random)
    {
        var pieces = new List<byte[]>();
        for (var start = 0; start < bytes.Length;)
        {
            var end = Math.Min(bytes.Length, start + random.Next(0, 4));
            pieces.Add(bytes[start..end]);
            start = end;
        }

        return pieces;
    }
}
