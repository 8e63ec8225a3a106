using System.Runtime.InteropServices;

namespace Connector.Decoding.Constraints.Parsing;

/// <summary>A place in the grammar that a text may have reached.</summary>
/// <param name="Position">What stands next.</param>
/// <param name="Return">The list of items to go on with at the end of the alternative.</param>
/// <param name="Parameter">The parameter of the rule.</param>
internal readonly record struct Item(int Position, int Return, ulong Parameter)
{
    /// <summary>Any total order.</summary>
    public static int Compare(Item x, Item y) =>
        x.Position != y.Position ? x.Position.CompareTo(y.Position)
        : x.Return != y.Return ? x.Return.CompareTo(y.Return)
        : x.Parameter.CompareTo(y.Parameter);
}

/// <summary>Interned lists of items: equal lists have one id. Not thread-safe.</summary>
internal sealed class ItemLists(ConstraintLimits limits)
{
    private readonly List<(int Start, int Length, int Hash)> _lists = [];
    private Item[] _items = new Item[256];
    private int[] _table = new int[64];
    private int _used;
    private int _interned;

    /// <summary>Lists so far.</summary>
    public int Count => _lists.Count;

    /// <summary>Items of all lists.</summary>
    public int ItemCount => _used;

    /// <summary>The items of a list.</summary>
    public ReadOnlySpan<Item> this[int list]
    {
        get
        {
            var (start, length, _) = _lists[list];
            return _items.AsSpan(start, length);
        }
    }

    /// <summary>Sorts the items, drops repeated ones, and returns the id of the list.</summary>
    public int Intern(List<Item> items)
    {
        var sorted = CollectionsMarshal.AsSpan(items);
        sorted = sorted[..SortDistinct(sorted)];
        var hash = default(HashCode);
        foreach (ref readonly var item in sorted)
        {
            hash.Add(item.Position);
            hash.Add(item.Return);
            hash.Add(item.Parameter);
        }

        // The sign tells interned lists from reserved ones, which have no hash.
        var code = hash.ToHashCode() | int.MinValue;
        var mask = _table.Length - 1;
        for (var slot = code & mask; ; slot = (slot + 1) & mask)
        {
            var id = _table[slot] - 1;
            if (id < 0)
            {
                return Add(sorted, code);
            }

            if (_lists[id].Hash == code && this[id].SequenceEqual(sorted))
            {
                return id;
            }
        }
    }

    /// <summary>A list of its own that is equal to no other; its items come with <see cref="Fill"/>.</summary>
    public int Reserve()
    {
        Check();
        _lists.Add((0, 0, 0));
        return _lists.Count - 1;
    }

    /// <summary>Gives a reserved list its items.</summary>
    public void Fill(int list, List<Item> items)
    {
        var sorted = CollectionsMarshal.AsSpan(items);
        sorted = sorted[..SortDistinct(sorted)];
        _lists[list] = (Append(sorted), sorted.Length, 0);
    }

    private static int SortDistinct(Span<Item> items)
    {
        if (items.Length < 2)
        {
            return items.Length;
        }

        items.Sort(Item.Compare);
        var kept = 1;
        for (var i = 1; i < items.Length; i++)
        {
            if (items[i] != items[i - 1])
            {
                items[kept++] = items[i];
            }
        }

        return kept;
    }

    private int Add(ReadOnlySpan<Item> items, int hash)
    {
        Check();
        _lists.Add((Append(items), items.Length, hash));
        _interned++;
        if (_interned * 2 > _table.Length)
        {
            _table = new int[_table.Length * 2];
            for (var id = 0; id < _lists.Count; id++)
            {
                if (_lists[id].Hash < 0)
                {
                    Place(id);
                }
            }
        }
        else
        {
            Place(_lists.Count - 1);
        }

        return _lists.Count - 1;
    }

    private void Place(int id)
    {
        var mask = _table.Length - 1;
        var slot = _lists[id].Hash & mask;
        while (_table[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        _table[slot] = id + 1;
    }

    private int Append(ReadOnlySpan<Item> items)
    {
        if (_used + items.Length > limits.MaxItems)
        {
            throw new ConstraintTooComplexException($"The constraint needs more than {limits.MaxItems} parser items.") { TablesAreFull = true };
        }

        if (_used + items.Length > _items.Length)
        {
            Array.Resize(ref _items, Math.Max(_items.Length * 2, _used + items.Length));
        }

        items.CopyTo(_items.AsSpan(_used));
        _used += items.Length;
        return _used - items.Length;
    }

    private void Check()
    {
        if (_lists.Count >= limits.MaxStates)
        {
            throw new ConstraintTooComplexException($"The constraint needs more than {limits.MaxStates} parser states.") { TablesAreFull = true };
        }
    }
}
