using System.Text;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Patterns;

/// <summary>
/// The content of a JSON string, between its quotes: each code point raw or as an escape, those beyond the basic plane
/// as a pair of escapes. Every byte string reads as at most one text, so complements within <see cref="TextEncoding.AnyText"/>
/// are complements of texts.
/// </summary>
internal sealed class JsonText(RegexSet regexes) : TextEncoding(regexes)
{
    private const int FirstAstral = 0x10000;
    private const int HighSurrogates = 0xD800;
    private const int LowSurrogates = 0xDC00;
    private const int UnitsPerSurrogate = 0x400;

    private static readonly CodePointSet Raw = CodePointSet.Of((0, 0x1F), ('"', '"'), ('\\', '\\')).Complement();

    private static readonly (char Meaning, char Written)[] ShortEscapes =
        [('"', '"'), ('\\', '\\'), ('/', '/'), ('\b', 'b'), ('\f', 'f'), ('\n', 'n'), ('\r', 'r'), ('\t', 't')];

    /// <summary>
    /// A text as a writer would spell it: raw where JSON allows it, else by its short escape.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="ascii">Whether everything beyond ASCII is escaped, as some writers do.</param>
    public static byte[] Spell(string text, bool ascii = false)
    {
        var bytes = new List<byte>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var escape = Array.FindIndex(ShortEscapes, e => e.Meaning == rune.Value && e.Meaning != '/');
            if (escape >= 0)
            {
                bytes.AddRange([(byte)'\\', (byte)ShortEscapes[escape].Written]);
            }
            else if (rune.Value < ' ' || (ascii && rune.Value > 0x7F))
            {
                foreach (var unit in rune.ToString())
                {
                    bytes.AddRange(Encoding.ASCII.GetBytes($"\\u{(int)unit:x4}"));
                }
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
            }
        }

        return [.. bytes];
    }

    /// <summary>
    /// Some texts as writers spell them. Other spellings of ASCII are left out, so that a key or an enumerated value is
    /// forced text; to exclude a text use <see cref="TextEncoding.Literal"/>, which has them all.
    /// </summary>
    public Regex Usual(IEnumerable<string> texts) =>
        Regexes.Literals(texts.SelectMany(t => new ReadOnlyMemory<byte>[] { Spell(t), Spell(t, ascii: true) }));

    /// <inheritdoc/>
    protected override Regex Spell(CodePointSet set)
    {
        var escapes = new List<Regex>();
        foreach (var (meaning, written) in ShortEscapes)
        {
            if (set.Contains(meaning))
            {
                escapes.Add(Regexes.Literal([(byte)written]));
            }
        }

        escapes.Add(Regexes.Concat(Regexes.Literal("u"), Unicode(set)));
        return Regexes.Or(
            Regexes.CodePoints(set.Intersect(Raw).Ranges.AsSpan()),
            Regexes.Concat(Regexes.Literal("\\"), Regexes.Or([.. escapes])));
    }

    // What follows \u: four hexadecimal digits, and for a code point beyond the basic plane the escape of the low surrogate.
    private Regex Unicode(CodePointSet set)
    {
        var parts = new List<Regex>();
        var units = new List<(int First, int Last)>();
        foreach (var (first, last) in set.Ranges)
        {
            if (first < FirstAstral)
            {
                units.Add((first, Math.Min(last, FirstAstral - 1)));
            }

            if (last >= FirstAstral)
            {
                AddPairs(Math.Max(first, FirstAstral) - FirstAstral, last - FirstAstral, parts);
            }
        }

        parts.Add(Hex(units, 4));
        return Regexes.Or([.. parts]);
    }

    private void AddPairs(int first, int last, List<Regex> parts)
    {
        var (highFirst, lowFirst) = (first / UnitsPerSurrogate, first % UnitsPerSurrogate);
        var (highLast, lowLast) = (last / UnitsPerSurrogate, last % UnitsPerSurrogate);
        const int End = UnitsPerSurrogate - 1;
        if (highFirst == highLast)
        {
            parts.Add(Pairs(highFirst, highLast, lowFirst, lowLast));
            return;
        }

        if (lowFirst > 0)
        {
            parts.Add(Pairs(highFirst, highFirst, lowFirst, End));
            highFirst++;
        }

        if (lowLast < End)
        {
            parts.Add(Pairs(highLast, highLast, 0, lowLast));
            highLast--;
        }

        if (highFirst <= highLast)
        {
            parts.Add(Pairs(highFirst, highLast, 0, End));
        }
    }

    private Regex Pairs(int highFirst, int highLast, int lowFirst, int lowLast) => Regexes.Concat(
        Hex([(HighSurrogates + highFirst, HighSurrogates + highLast)], 4),
        Regexes.Literal("\\u"),
        Hex([(LowSurrogates + lowFirst, LowSurrogates + lowLast)], 4));

    // Numbers of the ranges written with a fixed count of hexadecimal digits, in either case.
    private Regex Hex(List<(int First, int Last)> ranges, int digits)
    {
        if (ranges.Count == 0)
        {
            return Regexes.Nothing;
        }

        if (digits == 0)
        {
            return Regexes.Empty;
        }

        var size = 1 << (4 * (digits - 1));
        if (ranges.Count == 1 && ranges[0] == (0, (size * 16) - 1))
        {
            return Regexes.Repeat(HexDigits(Enumerable.Range(0, 16)), digits, digits);
        }

        var byRest = new Dictionary<Regex, List<int>>();
        for (var digit = 0; digit < 16; digit++)
        {
            var low = digit * size;
            List<(int First, int Last)> within = [.. ranges
                .Where(r => r.Last >= low && r.First < low + size)
                .Select(r => (Math.Max(r.First, low) - low, Math.Min(r.Last, low + size - 1) - low))];
            var rest = Hex(within, digits - 1);
            if (!byRest.TryGetValue(rest, out var list))
            {
                byRest[rest] = list = [];
            }

            list.Add(digit);
        }

        return Regexes.Or([.. byRest.Select(pair => Regexes.Concat(HexDigits(pair.Value), pair.Key))]);
    }

    private Regex HexDigits(IEnumerable<int> values)
    {
        var digits = new List<byte>();
        foreach (var value in values)
        {
            digits.Add((byte)"0123456789abcdef"[value]);
            digits.Add((byte)"0123456789ABCDEF"[value]);
        }

        return Regexes.AnyOf(digits.ToArray());
    }
}
