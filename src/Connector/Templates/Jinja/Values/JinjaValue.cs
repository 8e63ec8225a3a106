using System.Numerics;

namespace Connector.Templates.Jinja;

/// <summary>A value of the template language, with Python's meaning where templates can see it.</summary>
internal abstract class JinjaValue
{
    /// <summary>Python's name of the type, for error messages.</summary>
    public abstract string TypeName { get; }

    /// <summary>Whether the value counts as true in a condition.</summary>
    public virtual bool IsTrue => true;

    /// <summary>The items a loop over the value visits, or null where Python could not iterate it.</summary>
    public virtual IEnumerable<JinjaValue>? Items => null;

    /// <summary>What <c>length</c> gives, or null where Python's len() fails.</summary>
    public virtual int? Length => null;
}

/// <summary>A name or member that does not exist: prints as nothing, but cannot be read further.</summary>
internal sealed class JinjaUndefined(string description) : JinjaValue
{
    public static JinjaUndefined Of(string name) => new($"'{name}' is undefined");

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    public override IEnumerable<JinjaValue> Items => [];

    public override int? Length => 0;

    public JinjaException Error() => new(description);
}

internal sealed class JinjaNone : JinjaValue
{
    public static JinjaNone Instance { get; } = new();

    public override string TypeName => "NoneType";

    public override bool IsTrue => false;
}

internal sealed class JinjaBoolean : JinjaValue
{
    private JinjaBoolean(bool value) => Value = value;

    public static JinjaBoolean True { get; } = new(true);

    public static JinjaBoolean False { get; } = new(false);

    public bool Value { get; }

    public override string TypeName => "bool";

    public override bool IsTrue => Value;

    public static JinjaBoolean Of(bool value) => value ? True : False;
}

internal sealed class JinjaInteger(BigInteger value) : JinjaValue
{
    public BigInteger Value { get; } = value;

    public override string TypeName => "int";

    public override bool IsTrue => !Value.IsZero;
}

internal sealed class JinjaFloat(double value) : JinjaValue
{
    public double Value { get; } = value;

    public override string TypeName => "float";

    public override bool IsTrue => Value != 0;
}
