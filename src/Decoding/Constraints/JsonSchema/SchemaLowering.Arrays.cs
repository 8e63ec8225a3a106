using System.Globalization;
using Connector.Decoding.Constraints.Grammars;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <content>Arrays: a rule for each state (index, matches of each demand), as far as either still matters.</content>
internal sealed partial class SchemaLowering
{
    private const int MaxDemandedIndex = 300;
    private const int MaxDemands = 3;

    private void AddArray(Symbol rule, ArrayShape shape)
    {
        var max = shape.Max;
        for (var i = 0; i < shape.Prefix.Length && i < max; i++)
        {
            max = _terms.IsEmpty(shape.Prefix[i]) ? i : max;
        }

        max = max > shape.Prefix.Length && _terms.IsEmpty(shape.Rest) ? shape.Prefix.Length : max;
        if (shape.Min > max)
        {
            return;
        }

        if (shape.UniqueAt is { } at && max > 1)
        {
            _context.Report(at, "uniqueItems", "items are not compared with each other");
        }

        if (shape.Demands.Length > 0)
        {
            AddDemanding(rule, shape, max);
            return;
        }

        if (shape.Min == 0)
        {
            _grammar.Add(rule, _openArray, _closeEmptyArray);
        }

        if (max == 0)
        {
            return;
        }

        var fixedItems = Math.Min(shape.Prefix.Length, max);
        var tail = _grammar.Rule("items");
        _grammar.Add(rule, _openArray, Value(shape.Item(0)), tail);
        for (var next = 1; next < fixedItems; next++)
        {
            AddClose(tail, next);
            var after = _grammar.Rule("items");
            _grammar.Add(tail, _comma, Value(shape.Prefix[next]), after);
            tail = after;
        }

        var written = Math.Max(fixedItems, 1);
        if (written >= max)
        {
            AddClose(tail, written);
            return;
        }

        var more = _grammar.Repeat(
            _grammar.Sequence(_comma, Value(shape.Rest)),
            Math.Max(shape.Min - written, 0),
            max == int.MaxValue ? int.MaxValue : max - written);
        _grammar.Add(tail, more, _closeArray);

        void AddClose(Symbol from, int length)
        {
            if (length >= shape.Min)
            {
                _grammar.Add(from, _closeArray);
            }
        }
    }

    private void AddDemanding(Symbol rule, ArrayShape shape, int max)
    {
        var demands = shape.Demands;
        var bounded = max < int.MaxValue;
        var last = demands.Aggregate(Math.Max(shape.Prefix.Length, shape.Min), (all, d) => Math.Max(all, d.From));
        last = bounded ? Math.Max(last, max) : last;
        var counted = demands.Max(d => d.Max < int.MaxValue ? d.Max : d.Min);
        if (demands.Length > MaxDemands || last > MaxDemandedIndex || counted > MaxDemandedIndex)
        {
            _context.Report("", "contains", string.Create(CultureInfo.InvariantCulture, $"more than {MaxDemands} demands, or counts beyond {MaxDemandedIndex}, are not enforced together"));
            AddArray(rule, new ArrayShape { Prefix = shape.Prefix, Rest = shape.Rest, Min = shape.Min, Max = max });
            return;
        }

        var states = new Dictionary<(int Index, int A, int B, int C), Symbol>();
        var open = new Queue<(int Index, int[] Counts)>();
        _grammar.Add(rule, _openArray, State(0, [0, 0, 0]));
        while (open.TryDequeue(out var state))
        {
            AddItems(states[(state.Index, state.Counts[0], state.Counts[1], state.Counts[2])], state.Index, state.Counts);
        }

        Symbol State(int index, int[] counts)
        {
            // Beyond the last index that matters all are alike, but the first item is never like a later one.
            index = Math.Min(index, Math.Max(last, 1));
            var key = (index, counts[0], counts[1], counts[2]);
            if (!states.TryGetValue(key, out var symbol))
            {
                _context.Fuel.Spend(8);
                states[key] = symbol = _grammar.Rule("items");
                open.Enqueue((index, counts));
            }

            return symbol;
        }

        void AddItems(Symbol from, int index, int[] counts)
        {
            var done = Enumerable.Range(0, demands.Length).All(d => counts[d] >= demands[d].Min);
            if (index >= shape.Min && done)
            {
                _grammar.Add(from, index == 0 ? _closeEmptyArray : _closeArray);
            }

            if (bounded && index >= max)
            {
                return;
            }

            for (var matching = 0; matching < 1 << demands.Length; matching++)
            {
                if (Item(shape, index, matching) is not { } item || Next(matching, counts, index) is not { } next)
                {
                    continue;
                }

                if (index == 0)
                {
                    _grammar.Add(from, Value(item), State(1, next));
                }
                else
                {
                    _grammar.Add(from, _comma, Value(item), State(index + 1, next));
                }
            }
        }

        int[]? Next(int matching, int[] counts, int index)
        {
            int[] next = [.. counts];
            for (var d = 0; d < demands.Length; d++)
            {
                if ((matching >> d & 1) == 0)
                {
                    continue;
                }

                var limit = demands[d].Max < int.MaxValue ? demands[d].Max : demands[d].Min;
                if (index < demands[d].From || (next[d] == limit && demands[d].Max < int.MaxValue))
                {
                    return null;
                }

                next[d] = Math.Min(next[d] + 1, limit);
            }

            return next;
        }
    }

    // The values of an item that is counted by some demands. One not counted by a demand with an upper bound must not
    // match it; with a lower bound alone it may.
    private Term? Item(ArrayShape shape, int index, int matching)
    {
        var item = shape.Item(index);
        for (var d = 0; d < shape.Demands.Length; d++)
        {
            var (value, from, _, most) = shape.Demands[d];
            if ((matching >> d & 1) != 0)
            {
                item = _terms.And(item, value);
            }
            else if (index >= from && most < int.MaxValue)
            {
                item = _terms.And(item, _terms.Not(value));
            }
        }

        return _terms.IsEmpty(item) ? null : item;
    }
}
