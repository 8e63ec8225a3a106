namespace Connector.Templates.Jinja;

/// <summary>The names of a template, a loop's turn or a macro's call; what is not set here is looked up outside.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, JinjaValue> _values = new(StringComparer.Ordinal);

    public JinjaValue? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._values.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return null;
    }

    private Scope? Outer { get; } = outer;

    public void Set(string name, JinjaValue value) => _values[name] = value;
}
