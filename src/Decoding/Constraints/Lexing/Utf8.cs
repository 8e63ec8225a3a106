using System.Runtime.InteropServices;

namespace Connector.Decoding.Constraints.Lexing;

/// <summary>Sets of code points as regular languages over the bytes of UTF-8.</summary>
internal static class Utf8
{
    private const int Surrogates = 0xD800;
    private const int AfterSurrogates = 0xE000;

    /// <summary>One code point of the ranges (ends included, in any order, surrogates left out).</summary>
    public static Regex CodePoints(RegexSet set, ReadOnlySpan<(int Low, int High)> ranges)
    {
        var clean = Normalise(ranges);
        var parts = new List<Regex>();
        var ascii = default(ByteSet);
        foreach (var (low, high) in Within(clean, 0, 0x7F))
        {
            ascii |= ByteSet.Range((byte)low, (byte)high);
        }

        parts.Add(set.Bytes(ascii));
        AddLength(set, clean, 0x80, 0x7FF, 0xC0, 1, parts);
        AddLength(set, clean, 0x800, 0xFFFF, 0xE0, 2, parts);
        AddLength(set, clean, 0x10000, 0x10FFFF, 0xF0, 3, parts);
        return set.Or(CollectionsMarshal.AsSpan(parts));
    }

    /// <summary>The ranges sorted and merged, without surrogates and what lies outside Unicode.</summary>
    public static List<(int Low, int High)> Normalise(ReadOnlySpan<(int Low, int High)> ranges)
    {
        var sorted = new List<(int Low, int High)>();
        foreach (var (low, high) in ranges)
        {
            sorted.Add((Math.Max(low, 0), Math.Min(high, Surrogates - 1)));
            sorted.Add((Math.Max(low, AfterSurrogates), Math.Min(high, 0x10FFFF)));
        }

        sorted.RemoveAll(static r => r.Low > r.High);
        sorted.Sort();
        var merged = new List<(int Low, int High)>();
        foreach (var range in sorted)
        {
            if (merged.Count > 0 && range.Low <= merged[^1].High + 1)
            {
                merged[^1] = (merged[^1].Low, Math.Max(merged[^1].High, range.High));
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    private static void AddLength(RegexSet set, List<(int Low, int High)> ranges, int first, int last, int lead, int continuations, List<Regex> parts)
    {
        var within = Within(ranges, first, last);
        if (within.Count > 0)
        {
            // The lead bytes of one length behave as continuation bytes of a larger base.
            parts.Add(Digits(set, within, lead, continuations, first >> (6 * continuations), last >> (6 * continuations)));
        }
    }

    private static Regex Digits(RegexSet set, List<(int Low, int High)> ranges, int marker, int continuations, int from, int to)
    {
        var size = 1 << (6 * continuations);
        var byRest = new Dictionary<Regex, ByteSet>();
        for (var digit = from; digit <= to; digit++)
        {
            var low = digit * size;
            var within = Within(ranges, low, low + size - 1);
            if (within.Count == 0)
            {
                continue;
            }

            var rest = continuations == 0 ? set.Empty : Rest(set, within, low, continuations - 1);
            byRest[rest] = byRest.GetValueOrDefault(rest) | ByteSet.Of((byte)(marker | digit));
        }

        Regex[] parts = [.. byRest.Select(pair => set.Concat(set.Bytes(pair.Value), pair.Key))];
        return set.Or(parts);
    }

    private static Regex Rest(RegexSet set, List<(int Low, int High)> ranges, int start, int continuations)
    {
        var size = 1 << (6 * (continuations + 1));
        if (ranges.Count == 1 && ranges[0] == (start, start + size - 1))
        {
            var any = set.Range(0x80, 0xBF);
            return continuations switch { 0 => any, 1 => set.Concat(any, any), _ => set.Concat(any, any, any) };
        }

        List<(int Low, int High)> shifted = [.. ranges.Select(r => (r.Low - start, r.High - start))];
        return Digits(set, shifted, 0x80, continuations, 0, 63);
    }

    private static List<(int Low, int High)> Within(List<(int Low, int High)> ranges, int low, int high) =>
        [.. ranges.Where(r => r.High >= low && r.Low <= high).Select(r => (Math.Max(r.Low, low), Math.Min(r.High, high)))];
}
