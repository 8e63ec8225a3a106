using Connector.Decoding.Constraints.Grammars;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <content>Objects in any order: one rule whose parameter remembers what has been written.</content>
internal sealed partial class SchemaLowering
{
    private const int CountWidth = 23;
    private const int MaxBits = 64 - CountWidth;
    private const int MaxWays = 64;

    // Null where the parameter cannot hold it, or cannot tell in time that no way on is left: then the declared order it
    // is. Properties beyond the bits, such on whose presence nothing depends, may come twice, as undeclared ones may.
    private Symbol? TryUnordered(ObjectPlan plan)
    {
        var formulas = _context.Presence;
        var conditions = formulas.Names(plan.Presence).ToHashSet(StringComparer.Ordinal);
        var boundsOthers = plan.Others.Count > 0 && plan.MaxOthers < int.MaxValue;
        var maxBits = boundsOthers ? MaxBits - plan.MaxOthers : MaxBits;
        var bits = plan.Properties
            .OrderBy(p => conditions.Contains(p.Name) ? 0 : 1)
            .Take(Math.Max(maxBits, 0))
            .Select((p, i) => (p.Name, Bit: 1UL << i))
            .ToDictionary(p => p.Name, p => p.Bit, StringComparer.Ordinal);
        List<string> required = [.. plan.Properties.Select(p => p.Name).Where(n => formulas.Requires(plan.Presence, n))];
        var isPlain = conditions.Count == required.Count;
        if (conditions.Count > maxBits
            || (plan.Properties.Count > maxBits && (plan.Min > 0 || plan.Max < int.MaxValue))
            || plan.Demands > 0
            || (plan.Max < int.MaxValue && !isPlain)
            || ((plan.Others.Count == 0 || boundsOthers) && plan.Min > 0 && !isPlain)
            || (plan.Max < int.MaxValue && plan.Max >= 1 << CountWidth) || plan.Min >= 1 << CountWidth
            || formulas.Ways(plan.Presence, MaxWays) is not { } ends)
        {
            return null;
        }

        var rule = _grammar.Rule("members");
        var count = new ParameterField(MaxBits, CountWidth);
        var bounded = plan.Max < int.MaxValue;
        var needed = required.Aggregate(0UL, (all, name) => all | bits[name]);
        foreach (var way in ends)
        {
            var (mask, value) = Cube(way, bits);
            _grammar.Add(rule, new Guard(mask, value, count, (ulong)Math.Max(plan.Min, 1)), _closeObject);
            if (plan.Min == 0)
            {
                _grammar.Add(rule, new Guard(mask, value, count, AtMost: 0), _closeEmptyObject);
            }
        }

        var reachable = formulas.Reachable(plan.Presence);
        foreach (var property in plan.Properties)
        {
            if (formulas.Ways(formulas.Given(reachable, property.Name, present: true), MaxWays) is not { } ways)
            {
                return null;
            }

            var bit = bits.GetValueOrDefault(property.Name);
            foreach (var way in ways)
            {
                var (mask, value) = Cube(way, bits);
                AddMember(new Guard(mask | bit, value), bit, _context.Text.Usual([property.Name]), property.Value);
            }
        }

        foreach (var other in plan.Others)
        {
            if (!boundsOthers)
            {
                AddMember(Guard.Always, 0, other.Keys, other.Value);
                continue;
            }

            foreach (var way in ends)
            {
                var (mask, value) = Cube(way, bits);
                AddExtra(new Guard(mask, value), other);
            }
        }

        return rule;

        // A bit for each that there may be, taken in order.
        void AddExtra(Guard end, PlannedClass other)
        {
            var before = 0UL;
            for (var i = 0; i < plan.MaxOthers; i++)
            {
                var bit = 1UL << (maxBits + i);
                AddMember(end with { Mask = end.Mask | before | bit, Value = end.Value | before }, bit, other.Keys, other.Value);
                before |= bit;
            }
        }

        void AddMember(Guard guard, ulong bit, Lexing.Regex keys, Term value)
        {
            var cap = bounded ? (ulong)plan.Max : (ulong)Math.Max(plan.Min, 1);
            var more = _grammar.Call(rule, new ParameterChange(ulong.MaxValue, bit, 1, count, cap));
            guard = guard with { Field = count };
            if (bounded)
            {
                guard = guard with { Needed = (bit & needed) == 0 ? needed : 0, Room = (ulong)plan.Max - 1 };
            }

            _grammar.Add(rule, guard with { AtMost = 0 }, Key(keys, isFirst: true), Value(value), more);
            _grammar.Add(rule, guard with { AtLeast = 1, AtMost = bounded ? (ulong)plan.Max - 1 : ulong.MaxValue }, Key(keys, isFirst: false), Value(value), more);
        }
    }

    private static (ulong Mask, ulong Value) Cube(List<(string Name, bool Present)> way, Dictionary<string, ulong> bits)
    {
        var (mask, value) = (0UL, 0UL);
        foreach (var (name, present) in way)
        {
            mask |= bits[name];
            value |= present ? bits[name] : 0;
        }

        return (mask, value);
    }
}
