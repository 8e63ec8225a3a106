using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Connector.Decoding.Constraints.Lexing;

/// <content>Derivatives, marks and emptiness.</content>
internal sealed partial class RegexSet
{
    private const int MaxNearSteps = 2000;

    private readonly Dictionary<int, bool> _empty = [];
    private readonly Dictionary<int, List<(ByteSet Bytes, Regex Result)>> _derived = [];
    private readonly ByteClasses _partition = new([]);
    private int _partitionedSets;
    private int? _searchLimit;

    /// <summary>The empty string, marked with a number that <see cref="Marks"/> reports. Only at the end of a concatenation.</summary>
    public Regex Mark(int number) => Intern(new RegexNode(RegexKind.Mark, number, 0), nullable: true);

    /// <summary>
    /// What may follow <paramref name="value"/>: the strings s with <c>value·s</c> in the language.
    /// <see cref="Nothing"/> exactly where that is empty.
    /// </summary>
    public Regex Derive(Regex regex, byte value) => Derive(regex, value, out _);

    /// <summary>The same, and a set of bytes with the same result.</summary>
    public Regex Derive(Regex regex, byte value, out ByteSet same) => WithoutEmptyParts(RawDerive(regex, value, out same));

    /// <summary>Whether it shows within some steps of searching that no string at all is of the language.</summary>
    public bool IsEmptyWithin(Regex regex, int steps)
    {
        _searchLimit = steps;
        try
        {
            return IsEmpty(regex);
        }
        catch (ConstraintTooComplexException)
        {
            return false;
        }
        finally
        {
            _searchLimit = null;
        }
    }

    /// <summary>Whether no string at all is of the language.</summary>
    public bool IsEmpty(Regex regex)
    {
        if (!Has(regex, RegexFlags.MayBeEmpty))
        {
            return regex == Nothing;
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        var node = _nodes[regex.Id];
        switch (node.Kind)
        {
            case RegexKind.Concat:
                return IsEmpty(new Regex(node.A)) || IsEmpty(new Regex(node.B));
            case RegexKind.Repeat:
                return node.Min > 0 && IsEmpty(new Regex(node.A));
            case RegexKind.Or:
                foreach (var child in Children(node).ToArray())
                {
                    if (!IsEmpty(new Regex(child)))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return !Has(regex, RegexFlags.Nullable) && Search(regex);
        }
    }

    /// <summary>The numbers of the marks that the empty string reaches.</summary>
    public void Marks(Regex regex, ICollection<int> marks)
    {
        var node = _nodes[regex.Id];
        switch (node.Kind)
        {
            case RegexKind.Mark:
                marks.Add(node.A);
                break;
            case RegexKind.Concat when IsNullable(new Regex(node.A)):
                Marks(new Regex(node.B), marks);
                break;
            case RegexKind.Or:
                foreach (var child in Children(node).ToArray())
                {
                    Marks(new Regex(child), marks);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Whether a regex consists of marks alone, so that no byte may follow.</summary>
    public bool IsOnlyMarks(Regex regex)
    {
        var node = _nodes[regex.Id];
        if (node.Kind != RegexKind.Or)
        {
            return node.Kind == RegexKind.Mark;
        }

        foreach (var child in Children(node))
        {
            if (_nodes[child].Kind != RegexKind.Mark)
            {
                return false;
            }
        }

        return true;
    }

    private Regex RawDerive(Regex regex, byte value) => RawDerive(regex, value, out _);

    // Reports in `same` the bytes that lead to the same result, so that a state needs few derivatives.
    private Regex RawDerive(Regex regex, byte value, out ByteSet same)
    {
        var node = _nodes[regex.Id];
        switch (node.Kind)
        {
            case RegexKind.Bytes:
                var set = _byteSets[node.A];
                same = set.Contains(value) ? set : ~set;
                return set.Contains(value) ? Empty : Nothing;
            case RegexKind.Concat when !IsNullable(new Regex(node.A)):
                RuntimeHelpers.EnsureSufficientExecutionStack();
                return Concat(RawDerive(new Regex(node.A), value, out same), new Regex(node.B));
            case RegexKind.Multiple:
                same = value == '.' || (value >= '0' && value <= '9') ? ByteSet.Of(value) : ~(ByteSet.Range((byte)'0', (byte)'9') | ByteSet.Of((byte)'.'));
                return DeriveMultiple(node, value);
            case RegexKind.Nothing or RegexKind.Empty or RegexKind.Mark:
                same = ByteSet.All;
                return Nothing;
            default:
                return DeriveComposite(regex, node, value, out same);
        }
    }

    private Regex DeriveComposite(Regex regex, in RegexNode node, byte value, out ByteSet same)
    {
        if (_derived.TryGetValue(regex.Id, out var known))
        {
            foreach (var (bytes, result) in known)
            {
                if (bytes.Contains(value))
                {
                    same = bytes;
                    return result;
                }
            }
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        var derived = node.Kind switch
        {
            RegexKind.Concat => DeriveNullableHead(node, value, out same),
            RegexKind.Repeat => DeriveLoop(node, value, out same),
            RegexKind.Not => Not(RawDerive(new Regex(node.A), value, out same)),
            _ => DeriveChildren(node, value, out same),
        };
        if (known is null)
        {
            _derived[regex.Id] = known = new(1);
        }

        known.Add((same, derived));
        return derived;
    }

    private Regex DeriveNullableHead(in RegexNode node, byte value, out ByteSet same)
    {
        var first = Concat(RawDerive(new Regex(node.A), value, out var sameFirst), new Regex(node.B));
        var second = RawDerive(new Regex(node.B), value, out same);
        same &= sameFirst;
        return first == Nothing ? second : second == Nothing ? first : Or(first, second);
    }

    private Regex DeriveLoop(in RegexNode node, byte value, out ByteSet same)
    {
        var body = new Regex(node.A);
        var derived = RawDerive(body, value, out same);
        return derived == Nothing
            ? Nothing
            : Concat(derived, Repeat(body, Math.Max(node.Min - 1, 0), node.Max == Unbounded ? Unbounded : node.Max - 1));
    }

    private Regex DeriveChildren(in RegexNode node, byte value, out ByteSet same)
    {
        same = ByteSet.All;
        var parts = new List<Regex>();
        for (var i = 0; i < node.B; i++)
        {
            var part = RawDerive(new Regex(_children[node.A + i]), value, out var samePart);
            if (part == Nothing && node.Kind == RegexKind.And)
            {
                same = samePart;
                return Nothing;
            }

            same &= samePart;
            if (part != Nothing)
            {
                parts.Add(part);
            }
        }

        var span = CollectionsMarshal.AsSpan(parts);
        return parts.Count switch
        {
            0 => Nothing,
            1 => parts[0],
            _ => node.Kind == RegexKind.Or ? Or(span) : And(span),
        };
    }

    private Regex WithoutEmptyParts(Regex regex)
    {
        if (!Has(regex, RegexFlags.MayBeEmpty))
        {
            return regex;
        }

        var node = _nodes[regex.Id];
        if (node.Kind != RegexKind.Or)
        {
            return IsEmpty(regex) ? Nothing : regex;
        }

        var parts = new List<Regex>(node.B);
        for (var i = 0; i < node.B; i++)
        {
            var part = new Regex(_children[node.A + i]);
            if (!IsEmpty(part))
            {
                parts.Add(part);
            }
        }

        return parts.Count == node.B ? regex : Or(CollectionsMarshal.AsSpan(parts));
    }

    // Near ends are found from the oldest node on, far ones from the newest; most are near.
    private bool Search(Regex start)
    {
        if (_empty.TryGetValue(start.Id, out var known))
        {
            return known;
        }

        var limit = _searchLimit ?? _limits.MaxEmptinessSteps;
        return Search(start, fromOldest: true, Math.Min(limit / 2, MaxNearSteps))
            ?? Search(start, fromOldest: false, limit)
            ?? throw new ConstraintTooComplexException($"It takes more than {limit} steps to tell whether a pattern matches anything.");
    }

    // Along derivatives until a nullable node shows that the start is not empty. What lies on the way there is not empty
    // either; when the search comes to nothing, neither is anything that it saw. Null where the limit ends it.
    private bool? Search(Regex start, bool fromOldest, int limit)
    {
        var open = new List<(Regex Node, int Next)> { (start, 0) };
        var parents = new Dictionary<int, int> { [start.Id] = -1 };
        var oldest = 0;
        while (oldest < open.Count)
        {
            var at = fromOldest ? oldest : open.Count - 1;
            var (node, byteIndex) = open[at];
            var bytes = Representatives();
            if (byteIndex >= bytes.Length)
            {
                if (fromOldest)
                {
                    oldest++;
                }
                else
                {
                    open.RemoveAt(at);
                }

                continue;
            }

            open[at] = (node, byteIndex + 1);
            var next = RawDerive(node, bytes[byteIndex]);
            if (IsKnownNonEmpty(next))
            {
                for (var id = node.Id; id >= 0; id = parents[id])
                {
                    _empty[id] = false;
                }

                return false;
            }

            if (next != Nothing && !_empty.ContainsKey(next.Id) && parents.TryAdd(next.Id, node.Id))
            {
                if (parents.Count > limit)
                {
                    return null;
                }

                open.Add((next, 0));
            }
        }

        foreach (var id in parents.Keys)
        {
            _empty[id] = true;
        }

        return true;
    }

    private bool IsKnownNonEmpty(Regex regex)
    {
        if (regex == Nothing)
        {
            return false;
        }

        if (!Has(regex, RegexFlags.MayBeEmpty) || Has(regex, RegexFlags.Nullable))
        {
            return true;
        }

        // A concatenation or union is taken apart; only intersections and complements go on searching.
        return _nodes[regex.Id].Kind is RegexKind.And or RegexKind.Not
            ? _empty.TryGetValue(regex.Id, out var known) && !known
            : !IsEmpty(regex);
    }

    /// <summary>One byte of each class of bytes that no set of this builder tells apart.</summary>
    public ReadOnlySpan<byte> Representatives()
    {
        if (_partitionedSets != _byteSets.Count)
        {
            _partition.Refine(CollectionsMarshal.AsSpan(_byteSets)[_partitionedSets..]);
            _partitionedSets = _byteSets.Count;
        }

        return _partition.Representatives;
    }

    /// <summary>The classes of bytes that none of the regexes tells apart.</summary>
    public ByteClasses Classes(ReadOnlySpan<Regex> regexes)
    {
        var sets = new HashSet<ByteSet>();
        var seen = new HashSet<int>();
        var open = new Stack<int>();
        foreach (var regex in regexes)
        {
            open.Push(regex.Id);
        }

        while (open.TryPop(out var id))
        {
            if (!seen.Add(id))
            {
                continue;
            }

            var node = _nodes[id];
            switch (node.Kind)
            {
                case RegexKind.Bytes:
                    sets.Add(_byteSets[node.A]);
                    break;
                case RegexKind.Multiple:
                    sets.UnionWith("0123456789."u8.ToArray().Select(ByteSet.Of));
                    break;
                case RegexKind.Concat:
                    open.Push(node.A);
                    open.Push(node.B);
                    break;
                case RegexKind.Repeat or RegexKind.Not:
                    open.Push(node.A);
                    break;
                case RegexKind.Or or RegexKind.And:
                    foreach (var child in Children(node))
                    {
                        open.Push(child);
                    }

                    break;
                default:
                    break;
            }
        }

        return new ByteClasses([.. sets]);
    }
}
