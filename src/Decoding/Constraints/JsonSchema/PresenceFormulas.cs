using System.Runtime.InteropServices;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>A condition on which properties an object has: a node of the <see cref="PresenceFormulas"/> that made it.</summary>
internal readonly record struct Presence(int Id);

/// <summary>
/// Conditions on which properties an object has (<c>required</c>, <c>dependencies</c>, choices between required
/// properties), as reduced ordered binary decision diagrams (Bryant 1986): equal conditions are equal values.
/// </summary>
internal sealed class PresenceFormulas(SchemaFuel fuel)
{
    /// <summary>Every object.</summary>
    public static readonly Presence True = new(1);

    /// <summary>No object.</summary>
    public static readonly Presence False = new(0);

    private readonly List<(int Variable, int Absent, int Present)> _nodes = [(int.MaxValue, 0, 0), (int.MaxValue, 1, 1)];
    private readonly Dictionary<(int Variable, int Absent, int Present), int> _ids = [];
    private readonly Dictionary<(int X, int Y, bool And), int> _combined = [];
    private readonly Dictionary<string, int> _variables = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    /// <summary>The objects that have a property.</summary>
    public Presence Has(string name) => Node(Variable(name), 0, 1);

    /// <summary>The objects that lack a property.</summary>
    public Presence Lacks(string name) => Node(Variable(name), 1, 0);

    /// <summary>The objects of both.</summary>
    public Presence And(Presence x, Presence y) => new(Combine(x.Id, y.Id, and: true));

    /// <summary>The objects of either.</summary>
    public Presence Or(Presence x, Presence y) => new(Combine(x.Id, y.Id, and: false));

    /// <summary>The objects that are not of the condition.</summary>
    public Presence Not(Presence x)
    {
        if (x.Id <= 1)
        {
            return new(1 - x.Id);
        }

        var (variable, absent, present) = _nodes[x.Id];
        return Node(variable, Not(new(absent)).Id, Not(new(present)).Id);
    }

    /// <summary>What remains of a condition once it is known whether the object has a property.</summary>
    public Presence Given(Presence x, string name, bool present) => new(Given(x.Id, Variable(name), present));

    /// <summary>The objects that fulfil a condition, or would once properties are added.</summary>
    public Presence Reachable(Presence x)
    {
        if (x.Id <= 1)
        {
            return x;
        }

        var (variable, absent, present) = _nodes[x.Id];
        var added = Reachable(new(present));
        return Node(variable, Or(Reachable(new(absent)), added).Id, added.Id);
    }

    /// <summary>Whether every object of a condition has the property.</summary>
    public bool Requires(Presence x, string name) => _variables.ContainsKey(name) && Given(x, name, present: false) == False;

    /// <summary>The names that a condition speaks of, in the order in which they first came up.</summary>
    public IEnumerable<string> Names(Presence x)
    {
        var seen = new HashSet<int>();
        var variables = new SortedSet<int>();
        var open = new Stack<int>([x.Id]);
        while (open.TryPop(out var id))
        {
            if (id > 1 && seen.Add(id))
            {
                var (variable, absent, present) = _nodes[id];
                variables.Add(variable);
                open.Push(absent);
                open.Push(present);
            }
        }

        return variables.Select(v => _names[v]);
    }

    /// <summary>Disjoint ways to fulfil a condition, each as what it says of some properties; null where there are more than a limit.</summary>
    public List<List<(string Name, bool Present)>>? Ways(Presence x, int limit)
    {
        var ways = new List<List<(string Name, bool Present)>>();
        return Collect(x.Id, [], ways, limit) ? ways : null;
    }

    private bool Collect(int id, List<(string Name, bool Present)> path, List<List<(string Name, bool Present)>> ways, int limit)
    {
        if (id == 1)
        {
            ways.Add([.. path]);
            return ways.Count <= limit;
        }

        if (id == 0)
        {
            return true;
        }

        var (variable, absent, present) = _nodes[id];
        path.Add((_names[variable], false));
        var fits = Collect(absent, path, ways, limit);
        path[^1] = (_names[variable], true);
        fits = fits && Collect(present, path, ways, limit);
        path.RemoveAt(path.Count - 1);
        return fits;
    }

    private int Variable(string name)
    {
        ref var variable = ref CollectionsMarshal.GetValueRefOrAddDefault(_variables, name, out var known);
        if (!known)
        {
            variable = _names.Count;
            _names.Add(name);
        }

        return variable;
    }

    private Presence Node(int variable, int absent, int present)
    {
        if (absent == present)
        {
            return new(absent);
        }

        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, (variable, absent, present), out var known);
        if (!known)
        {
            fuel.Spend();
            id = _nodes.Count;
            _nodes.Add((variable, absent, present));
        }

        return new(id);
    }

    private int Combine(int x, int y, bool and)
    {
        if (x == y || x <= 1 || y <= 1)
        {
            // 0 ∧ a = 0, 1 ∧ a = a, 1 ∨ a = 1, 0 ∨ a = a.
            return x == y ? x : x <= 1 ? (x == 1) == and ? y : x : (y == 1) == and ? x : y;
        }

        var key = x < y ? (x, y, and) : (y, x, and);
        if (_combined.TryGetValue(key, out var known))
        {
            return known;
        }

        fuel.Spend();
        var (a, b) = (_nodes[x], _nodes[y]);
        var variable = Math.Min(a.Variable, b.Variable);
        var absent = Combine(a.Variable == variable ? a.Absent : x, b.Variable == variable ? b.Absent : y, and);
        var present = Combine(a.Variable == variable ? a.Present : x, b.Variable == variable ? b.Present : y, and);
        return _combined[key] = Node(variable, absent, present).Id;
    }

    private int Given(int id, int variable, bool present)
    {
        var node = _nodes[id];
        if (id <= 1 || node.Variable > variable)
        {
            return id;
        }

        return node.Variable == variable
            ? present ? node.Present : node.Absent
            : Node(node.Variable, Given(node.Absent, variable, present), Given(node.Present, variable, present)).Id;
    }
}
