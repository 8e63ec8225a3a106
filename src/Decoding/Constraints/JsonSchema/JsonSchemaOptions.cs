namespace Connector.Decoding.Constraints;

/// <summary>How a JSON Schema becomes a constraint.</summary>
public sealed record JsonSchemaOptions
{
    /// <summary>The defaults.</summary>
    public static JsonSchemaOptions Default { get; } = new();

    /// <summary>
    /// Whether a keyword that cannot be enforced is an <see cref="UnsupportedSchemaException"/> instead of an entry in
    /// the list of unenforced keywords. Default: false.
    /// </summary>
    public bool Strict { get; init; }

    /// <summary>The order in which an object's properties may be written. Default: as the schema declares them.</summary>
    public PropertyOrder PropertyOrder { get; init; } = PropertyOrder.Declared;

    /// <summary>The white space that may stand between JSON tokens. Default: at most one space.</summary>
    public JsonWhitespace Whitespace { get; init; } = JsonWhitespace.Space;

    /// <summary>
    /// Whether numbers that the schema restricts are written plainly: whole ones without a point, all without an exponent. To JSON
    /// Schema 7 and 7.0 are equal, but readers of integers take only the first. Default: false, every spelling.
    /// </summary>
    public bool PlainNumbers { get; init; }

    /// <summary>
    /// How many properties that the schema does not declare its root object may have, after all that it requires, where the
    /// schema itself allows any number. Others are written one way less, yet none of up to so many is lost. Default: any number.
    /// </summary>
    internal int MaxUndeclaredAtRoot { get; init; } = int.MaxValue;

    /// <summary>
    /// How much work normalising and lowering a schema may take, in small steps (nodes made, shapes combined), before
    /// it is refused. Default 400,000: some tens of milliseconds to a second.
    /// </summary>
    public int Fuel { get; init; } = 400_000;
}

/// <summary>The order in which an object's properties may be written.</summary>
public enum PropertyOrder
{
    /// <summary>As the schema declares them, undeclared ones last.</summary>
    Declared,

    /// <summary>Any order, undeclared ones anywhere between.</summary>
    Any,
}

/// <summary>The white space that may stand between JSON tokens.</summary>
public enum JsonWhitespace
{
    /// <summary>None at all.</summary>
    None,

    /// <summary>At most one space at each place.</summary>
    Space,

    /// <summary>At each place at most one space, or a line break followed by at most 32 spaces or tabs.</summary>
    Indented,
}
