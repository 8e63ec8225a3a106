namespace Connector.Templates.Jinja;

/// <summary>How much one rendering may spend: a template comes with a model file and is untrusted input.</summary>
internal sealed record TemplateLimits
{
    /// <summary>Nodes evaluated and items visited. Default 20 million, some seconds.</summary>
    public long Steps { get; init; } = 20_000_000;

    /// <summary>Nested evaluations: expressions, loops, macro calls, nested values. Default 1,000.</summary>
    public int Depth { get; init; } = 1_000;

    /// <summary>Characters of all strings built on the way to the result, and the result; an item of a list counts as 16. Default 64 million.</summary>
    public long Characters { get; init; } = 64_000_000;
}
