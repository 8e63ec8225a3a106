using Connector.Decoding.Constraints.Grammars;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <content>
/// Objects in declared order: a rule for each state (next property, what is still asked of the presence of others,
/// members so far as far as they count, demands met), so what is optional shares its tail and nothing is enumerated.
/// </content>
internal sealed partial class SchemaLowering
{
    private const int MaxCountedWithDemands = 64;

    private readonly record struct MemberState(int Next, Presence Presence, int Count, int Met)
    {
        public bool IsFirst => Count == 0;
    }

    private void AddObject(Symbol rule, ObjectShape shape, int maxOthers)
    {
        if (ObjectPlan.Of(shape, _terms, _context) is not { } plan)
        {
            return;
        }

        plan = plan with { MaxOthers = maxOthers };
        if (plan.Demands > 0 && plan.Max is > MaxCountedWithDemands and < int.MaxValue)
        {
            _context.Report("", "maxProperties", "a large bound together with a demand on members is not counted");
            plan = plan with { Max = int.MaxValue };
        }

        if (_options.PropertyOrder == PropertyOrder.Any && TryUnordered(plan) is { } members)
        {
            _grammar.Add(rule, _openObject, members);
            return;
        }

        var states = new Dictionary<MemberState, Symbol>();
        var open = new Queue<MemberState>();
        _grammar.Add(rule, _openObject, State(new MemberState(0, plan.Presence, 0, 0)));
        while (open.TryDequeue(out var state))
        {
            AddMembers(states[state], state, plan, State);
        }

        Symbol State(MemberState state)
        {
            if (!states.TryGetValue(state, out var symbol))
            {
                _context.Fuel.Spend(4);
                states[state] = symbol = _grammar.Rule("members");
                open.Enqueue(state);
            }

            return symbol;
        }
    }

    private void AddMembers(Symbol rule, MemberState state, ObjectPlan plan, Func<MemberState, Symbol> go)
    {
        if (state.Presence == PresenceFormulas.False)
        {
            return;
        }

        if (state.Next == plan.Properties.Count)
        {
            AddOthers(rule, state, plan, go);
            return;
        }

        var property = plan.Properties[state.Next];
        var absent = state with { Next = state.Next + 1, Presence = _context.Presence.Given(state.Presence, property.Name, present: false) };
        _grammar.Add(rule, go(absent));
        if (state.Count < plan.Max)
        {
            var key = Key(_context.Text.Usual([property.Name]), state.IsFirst);
            var present = absent with { Presence = _context.Presence.Given(state.Presence, property.Name, present: true), Count = Counted(state.Count + 1, plan) };
            AddMeeting(rule, key, property.Value, property.Meets, present, go);
        }
    }

    // A member may be taken as meeting any of the demands that its value meets: the grammar tries all.
    private void AddMeeting(Symbol rule, Symbol key, Term value, Term[] meets, MemberState next, Func<MemberState, Symbol> go)
    {
        _grammar.Add(rule, key, Value(value), go(next));
        for (var met = 1; met < 1 << meets.Length; met++)
        {
            var all = value;
            for (var i = 0; i < meets.Length; i++)
            {
                all = (met >> i & 1) != 0 ? _terms.And(all, meets[i]) : all;
            }

            if ((met & next.Met) == 0 && !_terms.IsEmpty(all))
            {
                _grammar.Add(rule, key, Value(all), go(next with { Met = next.Met | met }));
            }
        }
    }

    private void AddOthers(Symbol rule, MemberState state, ObjectPlan plan, Func<MemberState, Symbol> go)
    {
        var isMet = state.Met == (1 << plan.Demands) - 1;
        if (isMet)
        {
            if (state.Count >= plan.Min)
            {
                _grammar.Add(rule, state.IsFirst ? _closeEmptyObject : _closeObject);
            }

            if (plan.Others.Count == 0 || state.Count >= plan.Max || plan.MaxOthers == 0)
            {
                return;
            }

            var least = Math.Max(plan.Min - state.Count - 1, 0);
            var most = Math.Min(plan.Max == int.MaxValue ? int.MaxValue : plan.Max - state.Count - 1, plan.MaxOthers == int.MaxValue ? int.MaxValue : plan.MaxOthers - 1);
            var more = most == 0 ? _grammar.Nothing : _grammar.Repeat(Other(plan, isFirst: false), least, most);
            _grammar.Add(rule, Other(plan, state.IsFirst), more, _closeObject);
            return;
        }

        if (state.Count >= plan.Max)
        {
            return;
        }

        foreach (var other in plan.Others)
        {
            AddMeeting(rule, Key(other.Keys, state.IsFirst), other.Value, other.Meets, state with { Count = Counted(state.Count + 1, plan) }, go);
        }
    }

    private Symbol Other(ObjectPlan plan, bool isFirst) => _grammar.Choice(
        [.. plan.Others.Select(o => _grammar.Sequence(Key(o.Keys, isFirst), Value(o.Value)))]);

    // Beyond what the bounds ask for, counts need not be told apart; the first member always is.
    private static int Counted(int count, ObjectPlan plan) =>
        plan.Max < int.MaxValue ? count : Math.Min(count, Math.Max(plan.Min, 1));
}
