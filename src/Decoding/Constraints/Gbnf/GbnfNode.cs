namespace Connector.Decoding.Constraints.Gbnf;

/// <summary>An expression of a GBNF grammar.</summary>
internal abstract record GbnfNode
{
    /// <summary>A quoted text.</summary>
    internal sealed record Text(string Value) : GbnfNode;

    /// <summary>One code point in, or not in, ranges.</summary>
    internal sealed record CodePoint((int Low, int High)[] Ranges, bool IsNegated) : GbnfNode;

    /// <summary>A token as itself, or any other.</summary>
    internal sealed record Token(int Id, bool IsNegated) : GbnfNode;

    /// <summary>A rule by name, and where the name stands.</summary>
    internal sealed record Reference(string Name, int Offset) : GbnfNode;

    /// <summary>One after the other.</summary>
    internal sealed record Sequence(GbnfNode[] Items) : GbnfNode;

    /// <summary>Any of several.</summary>
    internal sealed record Choice(GbnfNode[] Items) : GbnfNode;

    /// <summary>From a least to a largest number of times; <see cref="int.MaxValue"/> for no bound.</summary>
    internal sealed record Repeat(GbnfNode Item, int Min, int Max) : GbnfNode;
}
