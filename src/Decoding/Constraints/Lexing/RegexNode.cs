using System.Runtime.InteropServices;

namespace Connector.Decoding.Constraints.Lexing;

/// <summary>What a <see cref="RegexNode"/> is.</summary>
internal enum RegexKind : byte
{
    /// <summary>No string.</summary>
    Nothing,

    /// <summary>The empty string.</summary>
    Empty,

    /// <summary>One byte of the set A.</summary>
    Bytes,

    /// <summary>A, which is no concatenation, then B.</summary>
    Concat,

    /// <summary>A, Min to Max times.</summary>
    Repeat,

    /// <summary>Any of the B children that start at A, ascending.</summary>
    Or,

    /// <summary>All of the B children that start at A, ascending.</summary>
    And,

    /// <summary>Not A.</summary>
    Not,

    /// <summary>The empty string, marked: whoever reaches it has read lexeme A.</summary>
    Mark,

    /// <summary>Decimal digits, points between them ignored, that bring the remainder B to 0 modulo A.</summary>
    Multiple,
}

/// <summary>What is known about a node from the start.</summary>
[Flags]
internal enum RegexFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Matches the empty string.</summary>
    Nullable = 1,

    /// <summary>Contains an intersection or a complement, so only a search tells whether it matches anything.</summary>
    MayBeEmpty = 2,

    /// <summary>Contains a loop, an intersection or a complement: more than a few literals.</summary>
    IsOpen = 4,
}

/// <summary>A node of a <see cref="RegexSet"/>; what the numbers mean depends on the kind.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RegexNode(RegexKind Kind, int A, int B, int Min = 0, int Max = 0)
{
    /// <summary>What is known about it; no part of its identity.</summary>
    public RegexFlags Flags { get; init; }

    public bool Equals(RegexNode other) =>
        Kind == other.Kind && A == other.A && B == other.B && Min == other.Min && Max == other.Max;

    public override int GetHashCode() => HashCode.Combine((int)Kind, A, B, Min, Max);
}

/// <summary>The children of an Or or And as a key.</summary>
internal readonly record struct ChildList(int[] Ids)
{
    public bool Equals(ChildList other) => Ids.AsSpan().SequenceEqual(other.Ids);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes<int>(Ids));
        return hash.ToHashCode();
    }
}
