namespace Connector.Templates.Jinja;

/// <summary>What a loop's body sees as <c>loop</c>.</summary>
internal sealed class JinjaLoop(IReadOnlyList<JinjaValue> items, int depth, Func<JinjaValue, JinjaValue>? recurse) : JinjaValue
{
    private JinjaValue? _lastSeen;

    public int Index { get; set; }

    public override string TypeName => "LoopContext";

    public override int? Length => items.Count;

    /// <summary><c>loop(items)</c> of a recursive loop.</summary>
    public JinjaValue Recurse(JinjaValue inner) => recurse is null
        ? throw new JinjaException("the loop is not marked 'recursive'")
        : recurse(inner);

    public JinjaValue? FindMember(string name) => name switch
    {
        "index" => new JinjaInteger(Index + 1),
        "index0" => new JinjaInteger(Index),
        "revindex" => new JinjaInteger(items.Count - Index),
        "revindex0" => new JinjaInteger(items.Count - Index - 1),
        "first" => JinjaBoolean.Of(Index == 0),
        "last" => JinjaBoolean.Of(Index == items.Count - 1),
        "length" => new JinjaInteger(items.Count),
        "depth" => new JinjaInteger(depth + 1),
        "depth0" => new JinjaInteger(depth),
        "previtem" => Index > 0 ? items[Index - 1] : new JinjaUndefined("there is no previous item"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new JinjaUndefined("there is no next item"),
        "cycle" => new JinjaFunction("cycle", Cycle),
        "changed" => new JinjaFunction("changed", Changed),
        _ => null,
    };

    private JinjaValue Cycle(CallArguments arguments) => arguments.Positional.Count > 0
        ? arguments.Positional[Index % arguments.Positional.Count]
        : throw new JinjaException("cycle() needs at least one argument");

    private JinjaBoolean Changed(CallArguments arguments)
    {
        var seen = new JinjaTuple([.. arguments.Positional]);
        var changed = _lastSeen is null || !JinjaEquality.Instance.Equals(_lastSeen, seen);
        _lastSeen = seen;
        return JinjaBoolean.Of(changed);
    }
}
