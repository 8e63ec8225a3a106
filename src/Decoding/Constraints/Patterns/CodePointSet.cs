using System.Collections.Immutable;
using System.Text;

namespace Connector.Decoding.Constraints.Patterns;

/// <summary>A set of Unicode scalar values (surrogates are never members), as ascending, disjoint, inclusive ranges.</summary>
internal sealed class CodePointSet : IEquatable<CodePointSet>
{
    /// <summary>The largest code point.</summary>
    public const int Max = 0x10FFFF;

    private const int SurrogateFirst = 0xD800;
    private const int SurrogateLast = 0xDFFF;

    private readonly int _hash;

    private CodePointSet(ImmutableArray<(int First, int Last)> ranges)
    {
        Ranges = ranges;
        var hash = default(HashCode);
        foreach (var (first, last) in ranges)
        {
            hash.Add(first);
            hash.Add(last);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>No code point.</summary>
    public static CodePointSet Empty { get; } = new([]);

    /// <summary>Every scalar value.</summary>
    public static CodePointSet All { get; } = Of((0, Max));

    /// <summary>The ranges: ascending, disjoint and not adjacent.</summary>
    public ImmutableArray<(int First, int Last)> Ranges { get; }

    /// <summary>Whether the set has no members.</summary>
    public bool IsEmpty => Ranges.IsEmpty;

    /// <summary>The set of the given inclusive ranges, in any order, overlaps allowed.</summary>
    public static CodePointSet Of(params IEnumerable<(int First, int Last)> ranges)
    {
        var sorted = ranges.Where(r => r.First <= r.Last).SelectMany(WithoutSurrogates).Order().ToList();
        var merged = ImmutableArray.CreateBuilder<(int First, int Last)>(sorted.Count);
        foreach (var (first, last) in sorted)
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        return new CodePointSet(merged.ToImmutable());
    }

    /// <summary>The set of one code point.</summary>
    public static CodePointSet Single(int codePoint) =>
        codePoint is >= SurrogateFirst and <= SurrogateLast ? Empty : new([(codePoint, codePoint)]);

    /// <summary>The members of either set.</summary>
    public CodePointSet Union(CodePointSet other) => Of(Ranges.Concat(other.Ranges));

    /// <summary>The scalar values that are not members.</summary>
    public CodePointSet Complement()
    {
        var gaps = new List<(int First, int Last)>();
        var next = 0;
        foreach (var (first, last) in Ranges)
        {
            gaps.Add((next, first - 1));
            next = last + 1;
        }

        gaps.Add((next, Max));
        return Of(gaps);
    }

    /// <summary>The members of both sets.</summary>
    public CodePointSet Intersect(CodePointSet other)
    {
        var common = ImmutableArray.CreateBuilder<(int First, int Last)>();
        var (i, j) = (0, 0);
        while (i < Ranges.Length && j < other.Ranges.Length)
        {
            var (x, y) = (Ranges[i], other.Ranges[j]);
            var (first, last) = (Math.Max(x.First, y.First), Math.Min(x.Last, y.Last));
            if (first <= last)
            {
                common.Add((first, last));
            }

            (i, j) = x.Last < y.Last ? (i + 1, j) : (i, j + 1);
        }

        return new CodePointSet(common.ToImmutable());
    }

    /// <summary>Whether a code point is a member.</summary>
    public bool Contains(int codePoint)
    {
        foreach (var (first, last) in Ranges)
        {
            if (codePoint <= last)
            {
                return codePoint >= first;
            }
        }

        return false;
    }

    /// <summary>Whether every member of this set is one of <paramref name="other"/>.</summary>
    public bool IsSubsetOf(CodePointSet other) => Intersect(other.Complement()).IsEmpty;

    /// <summary>The set with, for every member, the characters that differ from it only in simple case.</summary>
    public CodePointSet IgnoringCase()
    {
        var folded = new List<(int First, int Last)>(Ranges);
        foreach (var (first, last) in Ranges)
        {
            for (var c = first; c <= last; c++)
            {
                var rune = new Rune(c);
                AddSingle(folded, Rune.ToUpperInvariant(rune).Value);
                AddSingle(folded, Rune.ToLowerInvariant(rune).Value);
            }
        }

        return Of(folded);
    }

    /// <inheritdoc/>
    public bool Equals(CodePointSet? other) => other is not null && Ranges.AsSpan().SequenceEqual(other.Ranges.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CodePointSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    private static void AddSingle(List<(int First, int Last)> ranges, int codePoint)
    {
        if (ranges[^1] != (codePoint, codePoint))
        {
            ranges.Add((codePoint, codePoint));
        }
    }

    private static IEnumerable<(int First, int Last)> WithoutSurrogates((int First, int Last) range)
    {
        if (range.First < SurrogateFirst)
        {
            yield return (range.First, Math.Min(range.Last, SurrogateFirst - 1));
        }

        if (range.Last > SurrogateLast)
        {
            yield return (Math.Max(range.First, SurrogateLast + 1), range.Last);
        }
    }
}
