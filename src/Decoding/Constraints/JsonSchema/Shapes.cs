using System.Collections.Immutable;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>A set of JSON values: a node of the <see cref="SchemaTerms"/> that made it.</summary>
internal readonly record struct Term(int Id)
{
    /// <summary>No value.</summary>
    public static Term False => new(0);

    /// <summary>Every value.</summary>
    public static Term True => new(1);
}

/// <summary>A property that a shape names.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">Its values; <see cref="Term.False"/>: it must be absent.</param>
/// <param name="Evaluated">Whether a keyword other than the unevaluated ones has looked at it.</param>
internal readonly record struct ShapeProperty(string Name, Term Value, bool Evaluated);

/// <summary>Some of the keys that a shape does not name.</summary>
/// <param name="Keys">The keys, as contents of JSON strings; names of the shape among them do not count.</param>
/// <param name="Value">The values they may have.</param>
/// <param name="Evaluated">Whether a keyword other than the unevaluated ones has looked at them.</param>
internal readonly record struct KeyClass(Regex Keys, Term Value, bool Evaluated);

/// <summary>At least one member has one of these keys and one of these values.</summary>
internal readonly record struct MemberDemand(Regex Keys, Term Value);

/// <summary>A set of objects.</summary>
internal sealed class ObjectShape
{
    /// <summary>The named properties in the order of the schema.</summary>
    public ImmutableArray<ShapeProperty> Properties { get; init; } = [];

    /// <summary>All other keys that are allowed, in classes without common keys.</summary>
    public required ImmutableArray<KeyClass> Others { get; init; }

    /// <summary>Which properties there must be.</summary>
    public Presence Presence { get; init; } = PresenceFormulas.True;

    /// <summary>The fewest members.</summary>
    public int Min { get; init; }

    /// <summary>The most members; <see cref="int.MaxValue"/>: no bound.</summary>
    public int Max { get; init; } = int.MaxValue;

    /// <summary>Members that must be among them.</summary>
    public ImmutableArray<MemberDemand> Demands { get; init; } = [];
}

/// <summary>Some items match: at least <see cref="Min"/> and at most <see cref="Max"/> of those from index <see cref="From"/> on.</summary>
internal readonly record struct ItemDemand(Term Value, int From, int Min, int Max);

/// <summary>A set of arrays.</summary>
internal sealed class ArrayShape
{
    /// <summary>The items by position.</summary>
    public ImmutableArray<Term> Prefix { get; init; } = [];

    /// <summary>All further items.</summary>
    public required Term Rest { get; init; }

    /// <summary>How many of the first items a keyword other than the unevaluated ones has looked at; <see cref="int.MaxValue"/>: all.</summary>
    public int Evaluated { get; init; }

    /// <summary>The fewest items.</summary>
    public int Min { get; init; }

    /// <summary>The most items; <see cref="int.MaxValue"/>: no bound.</summary>
    public int Max { get; init; } = int.MaxValue;

    /// <summary>Items that must, or must not, be among them.</summary>
    public ImmutableArray<ItemDemand> Demands { get; init; } = [];

    /// <summary>Where the items must differ from each other: who asks for it.</summary>
    public string? UniqueAt { get; init; }

    /// <summary>The values of the item at an index.</summary>
    public Term Item(int index) => index < Prefix.Length ? Prefix[index] : Rest;
}

/// <summary>The values that are no arrays and no objects.</summary>
/// <param name="Constants">Null, false, true.</param>
/// <param name="Number">The numbers, as they may be spelled.</param>
/// <param name="Text">The strings, as they may be spelled between their quotes.</param>
internal readonly record struct ScalarForm(JsonConstants Constants, NumberSet Number, Regex Text);

/// <summary>null, false and true.</summary>
[Flags]
internal enum JsonConstants
{
    None = 0,
    Null = 1,
    False = 2,
    True = 4,
    Boolean = False | True,
    All = Null | Boolean,
}

/// <summary>A set of JSON values by kind: the union of its parts.</summary>
/// <param name="Scalars">Those that are no arrays and no objects.</param>
/// <param name="Arrays">The arrays.</param>
/// <param name="Objects">The objects.</param>
internal sealed record ValueForm(ScalarForm Scalars, ImmutableArray<ArrayShape> Arrays, ImmutableArray<ObjectShape> Objects);
