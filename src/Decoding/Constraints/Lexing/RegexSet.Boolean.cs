using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Connector.Decoding.Constraints.Lexing;

/// <content>Union and intersection with the simplifications that keep derivatives few.</content>
internal sealed partial class RegexSet
{
    /// <summary>Any of the languages.</summary>
    public Regex Or(params ReadOnlySpan<Regex> parts)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var flat = new List<int>(parts.Length);
        foreach (var part in parts)
        {
            Flatten(RegexKind.Or, part, flat);
        }

        SortDistinct(flat);
        if (flat.Contains(Anything.Id))
        {
            return Anything;
        }

        flat.Remove(Nothing.Id);
        if (flat.Count > 1)
        {
            FactorHeads(flat);
            MergeBytesByTail(flat);
            MergeLoops(flat);
        }

        return Collect(RegexKind.Or, flat, Nothing);
    }

    /// <summary>What all the languages share.</summary>
    public Regex And(params ReadOnlySpan<Regex> parts)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var flat = new List<int>(parts.Length);
        foreach (var part in parts)
        {
            Flatten(RegexKind.And, part, flat);
        }

        SortDistinct(flat);
        flat.Remove(Anything.Id);
        if (flat.Contains(Nothing.Id))
        {
            return Nothing;
        }

        if (flat.Contains(Empty.Id))
        {
            return flat.TrueForAll(id => IsNullable(new Regex(id))) ? Empty : Nothing;
        }

        ByteSet? bytes = null;
        foreach (var id in flat)
        {
            var node = _nodes[id];
            if (node.Kind == RegexKind.Not && flat.BinarySearch(node.A) >= 0)
            {
                return Nothing;
            }

            if (node.Kind == RegexKind.Bytes)
            {
                bytes = (bytes ?? ByteSet.All) & _byteSets[node.A];
            }
        }

        if (bytes is { } set)
        {
            flat.RemoveAll(id => _nodes[id].Kind == RegexKind.Bytes);
            flat.Add(Bytes(set).Id);
            if (flat.Contains(Nothing.Id))
            {
                return Nothing;
            }

            flat.Sort();
        }

        flat.RemoveAll(wide => flat.Exists(narrow => wide != narrow && IsWiderLoop(wide, narrow)));
        return Collect(RegexKind.And, flat, Anything);
    }

    // Whether both are the same but for the bounds of a loop at the end, and those of the first take in the second's.
    private bool IsWiderLoop(int wide, int narrow)
    {
        var (x, y) = (_nodes[wide], _nodes[narrow]);
        while (x.Kind == RegexKind.Concat && y.Kind == RegexKind.Concat && x.A == y.A)
        {
            (x, y) = (_nodes[x.B], _nodes[y.B]);
        }

        return x.Kind == RegexKind.Repeat && y.Kind == RegexKind.Repeat && x.A == y.A && x.Min <= y.Min && x.Max >= y.Max;
    }

    private ReadOnlySpan<int> Children(in RegexNode node) => CollectionsMarshal.AsSpan(_children).Slice(node.A, node.B);

    private void Flatten(RegexKind kind, Regex part, List<int> flat)
    {
        var node = _nodes[part.Id];
        if (node.Kind != kind)
        {
            flat.Add(part.Id);
            return;
        }

        flat.AddRange(Children(node));
    }

    private static void SortDistinct(List<int> ids)
    {
        ids.Sort();
        var kept = 0;
        for (var i = 0; i < ids.Count; i++)
        {
            if (i == 0 || ids[i] != ids[i - 1])
            {
                ids[kept++] = ids[i];
            }
        }

        ids.RemoveRange(kept, ids.Count - kept);
    }

    private (int Head, int Tail) Split(int id)
    {
        var node = _nodes[id];
        return node.Kind == RegexKind.Concat ? (node.A, node.B) : (id, Empty.Id);
    }

    // h·a | h·b = h·(a | b): the prefixes that keys and enum literals share are then read once.
    private void FactorHeads(List<int> flat)
    {
        var groups = new Dictionary<int, List<int>>(flat.Count);
        var shared = false;
        foreach (var id in flat)
        {
            if (id == Empty.Id || _nodes[id].Kind == RegexKind.Mark)
            {
                continue;
            }

            var (head, tail) = Split(id);
            ref var tails = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, head, out var known);
            shared |= known;
            (tails ??= new List<int>(1)).Add(tail);
        }

        if (!shared)
        {
            return;
        }

        flat.RemoveAll(id => id != Empty.Id && _nodes[id].Kind != RegexKind.Mark);
        foreach (var (head, tails) in groups)
        {
            var tail = tails.Count == 1 ? new Regex(tails[0]) : Or(MemoryMarshal.Cast<int, Regex>(CollectionsMarshal.AsSpan(tails)));
            flat.Add(Concat(new Regex(head), tail).Id);
        }

        SortDistinct(flat);
    }

    // [a]·t | [b]·t = [ab]·t.
    private void MergeBytesByTail(List<int> flat)
    {
        Dictionary<int, (ByteSet Set, int Count)>? groups = null;
        foreach (var id in flat)
        {
            var (head, tail) = Split(id);
            if (_nodes[head].Kind == RegexKind.Bytes)
            {
                groups ??= [];
                ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, tail, out _);
                group = (group.Set | _byteSets[_nodes[head].A], group.Count + 1);
            }
        }

        if (groups is null || groups.Values.All(static g => g.Count == 1))
        {
            return;
        }

        flat.RemoveAll(id => _nodes[Split(id).Head].Kind == RegexKind.Bytes);
        foreach (var (tail, group) in groups)
        {
            flat.Add(Concat(Bytes(group.Set), new Regex(tail)).Id);
        }

        SortDistinct(flat);
    }

    // R{a,b}·t | R{c,d}·t = R{min,max}·t where the ranges touch: the derivatives of ambiguous loops stay bounded.
    private void MergeLoops(List<int> flat)
    {
        for (var i = 0; i < flat.Count; i++)
        {
            for (var j = i + 1; j < flat.Count; j++)
            {
                if (TryMergeLoops(flat[i], flat[j], out var merged))
                {
                    flat.RemoveAt(j);
                    flat[i] = merged;
                    SortDistinct(flat);
                    i = -1;
                    break;
                }
            }

            if (i >= 16)
            {
                // Loops that merge come in small unions; a large union is an enumeration.
                return;
            }
        }
    }

    private bool TryMergeLoops(int x, int y, out int merged)
    {
        var (headX, tailX) = Split(x);
        var (headY, tailY) = Split(y);
        var (a, b) = (_nodes[headX], _nodes[headY]);
        merged = 0;
        if (tailX != tailY || (a.Kind != RegexKind.Repeat && b.Kind != RegexKind.Repeat))
        {
            return false;
        }

        if (a.Kind != RegexKind.Repeat)
        {
            a = new RegexNode(RegexKind.Repeat, headX, 0, 1, 1);
        }

        if (b.Kind != RegexKind.Repeat)
        {
            b = new RegexNode(RegexKind.Repeat, headY, 0, 1, 1);
        }

        if (a.A != b.A || (long)a.Max + 1 < b.Min || (long)b.Max + 1 < a.Min)
        {
            return false;
        }

        merged = Concat(Repeat(new Regex(a.A), Math.Min(a.Min, b.Min), Math.Max(a.Max, b.Max)), new Regex(tailX)).Id;
        return true;
    }

    private Regex Collect(RegexKind kind, List<int> flat, Regex unit)
    {
        if (flat.Count <= 1)
        {
            return flat.Count == 0 ? unit : new Regex(flat[0]);
        }

        int[] key = [.. flat];
        ref var start = ref CollectionsMarshal.GetValueRefOrAddDefault(_lists, new ChildList(key), out var known);
        if (!known)
        {
            start = _children.Count;
            _children.AddRange(key);
        }

        var nullable = kind == RegexKind.Or
            ? flat.Exists(id => IsNullable(new Regex(id)))
            : flat.TrueForAll(id => IsNullable(new Regex(id)));
        return Intern(new RegexNode(kind, start, key.Length), nullable);
    }
}
