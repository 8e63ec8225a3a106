using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Connector.Decoding.Constraints.Lexing;

/// <summary>A regular language over bytes: a node of the <see cref="RegexSet"/> that made it.</summary>
internal readonly record struct Regex(int Id);

/// <summary>
/// Hash-consed regular languages over bytes: equal nodes are one node. Counted loops keep their bounds as numbers, so
/// bounds in the millions cost nothing. Not thread-safe.
/// </summary>
/// <remarks>
/// Nodes are simplified as they are made (unit and zero elements, flattening, common heads factored out), which keeps
/// derivatives few (Brzozowski 1964; Owens, Reppy, Turon, "Regular-expression derivatives
/// re-examined", 2009).
/// </remarks>
internal sealed partial class RegexSet
{
    /// <summary>The upper bound of a loop that has none.</summary>
    public const int Unbounded = int.MaxValue;

    private readonly ConstraintLimits _limits;
    private readonly List<RegexNode> _nodes = [];
    private readonly List<ByteSet> _byteSets = [];
    private readonly List<int> _children = [];
    private readonly Dictionary<RegexNode, int> _ids = [];
    private readonly Dictionary<ByteSet, int> _byteSetIds = [];
    private readonly Dictionary<ChildList, int> _lists = [];

    public RegexSet(ConstraintLimits? limits = null)
    {
        _limits = limits ?? ConstraintLimits.Default;
        Nothing = Intern(new RegexNode(RegexKind.Nothing, 0, 0), nullable: false);
        Empty = Intern(new RegexNode(RegexKind.Empty, 0, 0), nullable: true);
        Anything = Intern(new RegexNode(RegexKind.Not, Nothing.Id, 0), nullable: true);
    }

    /// <summary>The language without any string.</summary>
    public Regex Nothing { get; }

    /// <summary>The language of the empty string alone.</summary>
    public Regex Empty { get; }

    /// <summary>The language of all byte strings.</summary>
    public Regex Anything { get; }

    /// <summary>Nodes made so far.</summary>
    public int Count => _nodes.Count;

    /// <summary>One byte of a set.</summary>
    public Regex Bytes(ByteSet set)
    {
        if (set.IsEmpty)
        {
            return Nothing;
        }

        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(_byteSetIds, set, out var known);
        if (!known)
        {
            id = _byteSets.Count;
            _byteSets.Add(set);
        }

        return Intern(new RegexNode(RegexKind.Bytes, id, 0), nullable: false);
    }

    /// <summary>One byte of those given.</summary>
    public Regex AnyOf(ReadOnlySpan<byte> bytes) => Bytes(ByteSet.Of(bytes));

    /// <summary>One byte from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public Regex Range(byte low, byte high) => Bytes(ByteSet.Range(low, high));

    /// <summary>Exactly these bytes.</summary>
    public Regex Literal(ReadOnlySpan<byte> bytes)
    {
        var result = Empty;
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            result = Concat(Bytes(ByteSet.Of(bytes[i])), result);
        }

        return result;
    }

    /// <summary>Exactly this text in UTF-8.</summary>
    public Regex Literal(string text) => Literal(Encoding.UTF8.GetBytes(text));

    /// <summary>Any of several literals, as a shared tree: cheap for ten thousands of them.</summary>
    public Regex Literals(IEnumerable<ReadOnlyMemory<byte>> literals)
    {
        ReadOnlyMemory<byte>[] sorted = [.. literals];
        Array.Sort(sorted, static (x, y) => x.Span.SequenceCompareTo(y.Span));
        return LiteralTree(sorted, 0);
    }

    /// <summary>One after the other.</summary>
    public Regex Concat(params ReadOnlySpan<Regex> parts)
    {
        var result = Empty;
        for (var i = parts.Length - 1; i >= 0; i--)
        {
            result = Concat(parts[i], result);
        }

        return result;
    }

    /// <summary>First <paramref name="head"/>, then <paramref name="tail"/>.</summary>
    public Regex Concat(Regex head, Regex tail)
    {
        if (head == Nothing || tail == Nothing)
        {
            return Nothing;
        }

        if (head == Empty || tail == Empty)
        {
            return head == Empty ? tail : head;
        }

        var node = _nodes[head.Id];
        if (node.Kind == RegexKind.Concat)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            return Concat(new Regex(node.A), Concat(new Regex(node.B), tail));
        }

        return Intern(new RegexNode(RegexKind.Concat, head.Id, tail.Id), IsNullable(head) && IsNullable(tail));
    }

    /// <summary>
    /// From <paramref name="min"/> to <paramref name="max"/> times, <see cref="Unbounded"/> for no upper bound. The
    /// loop is not unrolled.
    /// </summary>
    public Regex Repeat(Regex body, int min, int max = Unbounded)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(min);
        if (min > max)
        {
            return Nothing;
        }

        if (body == Nothing || max == 0)
        {
            return min == 0 ? Empty : Nothing;
        }

        var node = _nodes[body.Id];
        if (body == Empty || body == Anything || (min == 1 && max == 1))
        {
            return body;
        }

        if (min == 0 && max == 1)
        {
            return Or(Empty, body);
        }

        if (IsNullable(body))
        {
            min = 0;
        }

        if (node is { Kind: RegexKind.Repeat, Max: Unbounded, Min: <= 1 })
        {
            // (R*){m,n} and (R+){m,n}: the inner loop alone reaches every count from the sum of the minima on.
            return Repeat(new Regex(node.A), node.Min == 0 ? 0 : min, Unbounded);
        }

        return Intern(new RegexNode(RegexKind.Repeat, body.Id, 0, min, max), nullable: min == 0);
    }

    /// <summary>Zero or one time.</summary>
    public Regex Optional(Regex body) => Or(Empty, body);

    /// <summary>All byte strings that are not of the language.</summary>
    public Regex Not(Regex body)
    {
        var node = _nodes[body.Id];
        return node.Kind == RegexKind.Not
            ? new Regex(node.A)
            : Intern(new RegexNode(RegexKind.Not, body.Id, 0), nullable: !IsNullable(body));
    }

    /// <summary>The strings of <paramref name="all"/> that are not of <paramref name="except"/>.</summary>
    public Regex Except(Regex all, Regex except) => And(all, Not(except));

    /// <summary>One code point of the ranges (both ends included, surrogates left out), as UTF-8.</summary>
    public Regex CodePoints(params ReadOnlySpan<(int Low, int High)> ranges) => Utf8.CodePoints(this, ranges);

    /// <summary>Whether the empty string is of the language.</summary>
    public bool IsNullable(Regex regex) => Has(regex, RegexFlags.Nullable);

    private bool Has(Regex regex, RegexFlags flag) => (_nodes[regex.Id].Flags & flag) != RegexFlags.None;

    private Regex LiteralTree(ReadOnlySpan<ReadOnlyMemory<byte>> sorted, int depth)
    {
        if (sorted.Length == 0)
        {
            return Nothing;
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        var common = sorted[0].Span[depth..].CommonPrefixLength(sorted[^1].Span[depth..]);
        var prefix = sorted[0].Span.Slice(depth, common);
        depth += common;
        var branches = new List<Regex>();
        var first = 0;
        if (sorted[0].Length == depth)
        {
            branches.Add(Empty);
            while (first < sorted.Length && sorted[first].Length == depth)
            {
                first++;
            }
        }

        while (first < sorted.Length)
        {
            var head = sorted[first].Span[depth];
            var last = first + 1;
            while (last < sorted.Length && sorted[last].Span[depth] == head)
            {
                last++;
            }

            branches.Add(Concat(Bytes(ByteSet.Of(head)), LiteralTree(sorted[first..last], depth + 1)));
            first = last;
        }

        var result = Or(CollectionsMarshal.AsSpan(branches));
        for (var i = prefix.Length - 1; i >= 0; i--)
        {
            result = Concat(Bytes(ByteSet.Of(prefix[i])), result);
        }

        return result;
    }

    private Regex Intern(RegexNode node, bool nullable)
    {
        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, node, out var known);
        if (known)
        {
            return new Regex(id);
        }

        if (_nodes.Count >= _limits.MaxRegexNodes)
        {
            _ids.Remove(node);
            throw new ConstraintTooComplexException($"The constraint needs more than {_limits.MaxRegexNodes} regex nodes.") { TablesAreFull = true };
        }

        id = _nodes.Count;
        _nodes.Add(node with { Flags = FlagsOf(node, nullable) });
        return new Regex(id);
    }

    private RegexFlags FlagsOf(in RegexNode node, bool nullable)
    {
        var flags = nullable ? RegexFlags.Nullable : RegexFlags.None;
        switch (node.Kind)
        {
            case RegexKind.And:
            case RegexKind.Not when node.A != Nothing.Id:
                return flags | RegexFlags.MayBeEmpty | RegexFlags.IsOpen;
            case RegexKind.Not or RegexKind.Multiple:
                return flags | RegexFlags.IsOpen;
            case RegexKind.Concat:
                return flags | ((_nodes[node.A].Flags | _nodes[node.B].Flags) & ~RegexFlags.Nullable);
            case RegexKind.Repeat:
                return flags | RegexFlags.IsOpen | (_nodes[node.A].Flags & RegexFlags.MayBeEmpty);
            case RegexKind.Or:
                foreach (var child in Children(node))
                {
                    flags |= _nodes[child].Flags & ~RegexFlags.Nullable;
                }

                return flags;
            default:
                return flags;
        }
    }
}
