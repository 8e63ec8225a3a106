namespace Connector.Decoding.Constraints.Grammars;

/// <content>Shapes that come up everywhere, as rules.</content>
internal sealed partial class Grammar
{
    /// <summary>One after the other.</summary>
    public Symbol Sequence(params ReadOnlySpan<Symbol> symbols)
    {
        if (symbols.Length == 1)
        {
            return symbols[0];
        }

        var rule = Rule("sequence");
        Add(rule, symbols);
        return rule;
    }

    /// <summary>Any of these.</summary>
    public Symbol Choice(params ReadOnlySpan<Symbol> symbols)
    {
        if (symbols.Length == 1)
        {
            return symbols[0];
        }

        var rule = Rule("choice");
        foreach (var symbol in symbols)
        {
            Add(rule, symbol);
        }

        return rule;
    }

    /// <summary>The symbol, or nothing.</summary>
    public Symbol Optional(Symbol symbol)
    {
        var rule = Rule("optional");
        Add(rule);
        Add(rule, symbol);
        return rule;
    }

    /// <summary>
    /// The symbol from <paramref name="min"/> to <paramref name="max"/> times (<see cref="int.MaxValue"/>: without an
    /// upper bound), with a separator between two. The count is a parameter: bounds in the millions cost nothing.
    /// </summary>
    public Symbol Repeat(Symbol item, int min, int max = int.MaxValue, Symbol? separator = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(min);
        var rule = Rule("repeat");
        if (min <= max)
        {
            _loops[RuleIndex(rule)] = new Loop(item, separator, min, max);
        }

        return rule;
    }

    /// <summary>An item of <see cref="Unordered"/>.</summary>
    /// <param name="Symbol">What it looks like.</param>
    /// <param name="Required">Whether it must appear.</param>
    /// <param name="Repeats">Whether it may appear any number of times. A repeating item cannot be required.</param>
    /// <param name="Extra">
    /// If positive, it may appear up to so many times, and only after all required items; it counts as so many items.
    /// </param>
    internal readonly record struct UnorderedItem(Symbol Symbol, bool Required, bool Repeats = false, int Extra = 0);

    /// <summary>The largest number of items that do not repeat in <see cref="Unordered"/>.</summary>
    public const int MaxUnorderedItems = 40;

    /// <summary>
    /// Items in any order, each at most once unless it says otherwise, all required ones present, from
    /// <paramref name="min"/> to <paramref name="max"/> in all, with a separator between two.
    /// </summary>
    public Symbol Unordered(ReadOnlySpan<UnorderedItem> items, Symbol separator, int min = 0, int max = int.MaxValue)
    {
        var rule = Rule("unordered");
        var count = new ParameterField(MaxUnorderedItems, 23);
        var single = 0;
        var required = 0UL;
        var repeats = false;
        foreach (var item in items)
        {
            required |= item is { Required: true, Repeats: false } ? 1UL << single : 0;
            single += item.Repeats ? 0 : Math.Max(item.Extra, 1);
            repeats |= item.Repeats;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(single, MaxUnorderedItems, nameof(items));
        if (max == 0 && min == 0 && required == 0)
        {
            Add(rule);
        }

        if (max <= 0 || max < min || System.Numerics.BitOperations.PopCount(required) > max || (!repeats && single < min))
        {
            return rule;
        }

        var bounded = max < (int)count.Max;
        var cap = bounded ? (ulong)max : (ulong)Math.Min(Math.Max(min, 1), (int)count.Max);
        AddUnordered(rule, items, separator, new UnorderedBounds(count, required, single, repeats, (ulong)min, bounded ? (ulong)max : null, cap));
        return rule;
    }

    private readonly record struct UnorderedBounds(ParameterField Count, ulong Required, int Single, bool Repeats, ulong Min, ulong? Max, ulong Cap);

    private void AddUnordered(Symbol rule, ReadOnlySpan<UnorderedItem> items, Symbol separator, UnorderedBounds bounds)
    {
        var required = bounds.Required;
        Add(rule, new Guard(required, required, bounds.Count, bounds.Min));
        var single = 0;
        foreach (var item in items)
        {
            // The times of an extra item are told apart by a bit each, taken in order, so that there is one way to count them.
            for (var (time, before) = (0, item.Extra > 0 ? required : 0); time < Math.Max(item.Extra, 1); time++)
            {
                var bit = item.Repeats ? 0 : 1UL << single++;
                AddItem(rule, item.Symbol, separator, bit, before, bounds);
                before |= bit;
            }
        }
    }

    /// <param name="rule">The rule of the items.</param>
    /// <param name="item">What the item looks like.</param>
    /// <param name="separator">What stands before it if it is not the first.</param>
    /// <param name="bit">Marks the item as there; it may not be there yet.</param>
    /// <param name="before">The bits of those that must be there before it.</param>
    /// <param name="bounds">How many items there are in all.</param>
    private void AddItem(Symbol rule, Symbol item, Symbol separator, ulong bit, ulong before, UnorderedBounds bounds)
    {
        var more = Call(rule, new ParameterChange(ulong.MaxValue, bit, 1, bounds.Count, bounds.Cap));
        var optional = (bit & bounds.Required) == 0;
        for (var first = 0; first < 2; first++)
        {
            Symbol[] symbols = first == 0 ? [separator, item, more] : [item, more];
            var least = first == 0 ? 1UL : 0;
            var most = first == 0 ? ulong.MaxValue : 0;
            var guard = new Guard(bit | before, before, bounds.Count, least, most);
            if (bounds.Max is { } max)
            {
                // An optional item must leave room for the required ones that are still missing.
                guard = guard with { Needed = optional ? bounds.Required : 0, Room = max - 1 };
            }

            Add(rule, guard, symbols);
        }
    }
}
