namespace Connector.Templates.Jinja;

/// <summary>A value that can be called: a global function, a method bound to its object, or a macro.</summary>
internal sealed class JinjaFunction(string name, Func<CallArguments, JinjaValue> call) : JinjaValue
{
    public string Name { get; } = name;

    public Func<CallArguments, JinjaValue> Call { get; } = call;

    public override string TypeName => "function";
}

/// <summary>The arguments of one call of a function, filter or test, read by name with Python's rules.</summary>
internal sealed class CallArguments(string callee, List<JinjaValue> positional, Dictionary<string, JinjaValue>? named = null)
{
    private static readonly Dictionary<string, JinjaValue> s_none = new(StringComparer.Ordinal);

    public string Callee { get; } = callee;

    public List<JinjaValue> Positional { get; } = positional;

    public Dictionary<string, JinjaValue> Named { get; } = named ?? s_none;

    /// <summary>Checks that there is no argument beyond the named parameters.</summary>
    public CallArguments Expect(params ReadOnlySpan<string> parameters)
    {
        if (Positional.Count > parameters.Length)
        {
            throw new JinjaException($"{Callee}() takes {parameters.Length} arguments but {Positional.Count} were given");
        }

        foreach (var name in Named.Keys)
        {
            var index = parameters.IndexOf(name);
            if (index < 0)
            {
                throw new JinjaException($"{Callee}() got an unexpected keyword argument '{name}'");
            }

            if (index < Positional.Count)
            {
                throw new JinjaException($"{Callee}() got multiple values for argument '{name}'");
            }
        }

        return this;
    }

    /// <summary>An optional argument by position or name.</summary>
    public JinjaValue? Find(int index, string name) =>
        index < Positional.Count ? Positional[index] : Named.GetValueOrDefault(name);

    /// <summary>An argument that must be there.</summary>
    public JinjaValue Require(int index, string name) =>
        Find(index, name) ?? throw new JinjaException($"{Callee}() is missing the argument '{name}'");

    public JinjaString RequireString(int index, string name) =>
        Require(index, name) as JinjaString ?? throw WrongType(name, "a string", Require(index, name));

    public JinjaString? FindString(int index, string name) => Find(index, name) switch
    {
        null or JinjaNone => null,
        JinjaString text => text,
        var other => throw WrongType(name, "a string", other),
    };

    public bool FindBoolean(int index, string name, bool otherwise = false) => Find(index, name)?.IsTrue ?? otherwise;

    public int FindInteger(int index, string name, int otherwise) => Find(index, name) switch
    {
        null or JinjaNone => otherwise,
        JinjaInteger { Value: var value } when value >= int.MinValue && value <= int.MaxValue => (int)value,
        JinjaBoolean { Value: var value } => value ? 1 : 0,
        var other => throw WrongType(name, "an integer", other),
    };

    private JinjaException WrongType(string name, string wanted, JinjaValue value) =>
        new($"{Callee}(): the argument '{name}' must be {wanted}, not {value.TypeName}");
}
