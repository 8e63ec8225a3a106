using System.Runtime.InteropServices;
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

    // Every schema needs it, so it is made once and copied.
    private static readonly Lazy<(RegexSet Set, Regex Any)> Prepared = new(PrepareAny);

    private static readonly (char Meaning, char Written)[] ShortEscapes =
        [('"', '"'), ('\\', '\\'), ('/', '/'), ('\b', 'b'), ('\f', 'f'), ('\n', 'n'), ('\r', 'r'), ('\t', 't')];

    /// <summary>A text as a writer would spell it, in bytes: raw where JSON allows it, else by its short escape.</summary>
    public static byte[] Spell(string text)
    {
        var bytes = new List<byte>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var escape = Array.FindIndex(ShortEscapes, e => e.Meaning == rune.Value && e.Meaning != '/');
            bytes.AddRange(
                escape >= 0 ? [(byte)'\\', (byte)ShortEscapes[escape].Written]
                : rune.Value < ' ' ? Encoding.ASCII.GetBytes($"\\u{rune.Value:x4}")
                : Encoding.UTF8.GetBytes(rune.ToString()));
        }

        return [.. bytes];
    }

    /// <summary>
    /// Some texts as writers spell them: ASCII in one way only, so that a key or an enumerated value is forced text, and
    /// all else in any. To exclude a text use <see cref="TextEncoding.Literal"/>, which has every spelling.
    /// </summary>
    public Regex Usual(params IEnumerable<string> texts)
    {
        var parts = new List<Regex>();
        var plain = new List<ReadOnlyMemory<byte>>();
        foreach (var text in texts)
        {
            if (Ascii.IsValid(text))
            {
                plain.Add(Spell(text));
            }
            else
            {
                parts.Add(Regexes.Concat([.. text.EnumerateRunes().Select(r =>
                    r.IsAscii ? Regexes.Literal(Spell(r.ToString())) : One(CodePointSet.Single(r.Value)))]));
            }
        }

        parts.Add(Regexes.Literals(plain));
        return Regexes.Or(CollectionsMarshal.AsSpan(parts));
    }

    /// <inheritdoc/>
    protected override Regex Spell(CodePointSet set) =>
        set.Equals(CodePointSet.All) ? Regexes.Import(Prepared.Value.Set, Prepared.Value.Any) : SpellPart(set);

    private static (RegexSet Set, Regex Any) PrepareAny()
    {
        var set = new RegexSet();
        return (set, new JsonText(set).SpellPart(CodePointSet.All));
    }

    private Regex SpellPart(CodePointSet set)
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

        if (units.Count > 0)
        {
            parts.Add(Hex(CollectionsMarshal.AsSpan(units), 4));
        }

        return Regexes.Or(CollectionsMarshal.AsSpan(parts));
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

    // Numbers of the ranges (ascending, disjoint) written with a fixed count of hexadecimal digits, in either case.
    private Regex Hex(ReadOnlySpan<(int First, int Last)> ranges, int digits)
    {
        if (digits == 0)
        {
            return Regexes.Empty;
        }

        var size = 1 << (4 * (digits - 1));
        if (ranges.Length == 1 && ranges[0] == (0, (size * 16) - 1))
        {
            return Regexes.Repeat(Regexes.Bytes(HexDigits(0, 15)), digits, digits);
        }

        // Of a range, the first and the last leading digit may be partial; those between are complete.
        var partial = new SortedDictionary<int, List<(int First, int Last)>>();
        var complete = default(ByteSet);
        foreach (var (first, last) in ranges)
        {
            var (low, high) = (first / size, last / size);
            for (var digit = low; digit <= high; digit = digit == low && high > low + 1 ? high : digit + 1)
            {
                var (from, to) = (Math.Max(first - (digit * size), 0), Math.Min(last - (digit * size), size - 1));
                if (from == 0 && to == size - 1)
                {
                    complete |= HexDigits(digit, digit);
                }
                else
                {
                    (partial.TryGetValue(digit, out var list) ? list : partial[digit] = []).Add((from, to));
                }
            }

            if (high > low + 1)
            {
                complete |= HexDigits(low + 1, high - 1);
            }
        }

        var byRest = new Dictionary<Regex, ByteSet>();
        if (!complete.IsEmpty)
        {
            byRest[Hex([(0, size - 1)], digits - 1)] = complete;
        }

        foreach (var (digit, list) in partial)
        {
            var rest = Hex(CollectionsMarshal.AsSpan(list), digits - 1);
            byRest[rest] = byRest.GetValueOrDefault(rest) | HexDigits(digit, digit);
        }

        var options = new List<Regex>(byRest.Count);
        foreach (var (rest, set) in byRest)
        {
            options.Add(Regexes.Concat(Regexes.Bytes(set), rest));
        }

        return Regexes.Or(CollectionsMarshal.AsSpan(options));
    }

    private static ByteSet HexDigits(int first, int last)
    {
        var set = default(ByteSet);
        if (first <= 9)
        {
            set |= ByteSet.Range((byte)('0' + first), (byte)('0' + Math.Min(last, 9)));
        }

        if (last > 9)
        {
            var (low, high) = (Math.Max(first, 10) - 10, last - 10);
            set |= ByteSet.Range((byte)('a' + low), (byte)('a' + high)) | ByteSet.Range((byte)('A' + low), (byte)('A' + high));
        }

        return set;
    }
}
