using System.Numerics;
using System.Runtime.CompilerServices;

namespace Connector.Templates.Jinja;

/// <summary>Python's ==: numbers by value whatever their type, collections by content, all else by identity.</summary>
internal sealed class JinjaEquality : IEqualityComparer<JinjaValue>
{
    public static JinjaEquality Instance { get; } = new();

    public bool Equals(JinjaValue? x, JinjaValue? y)
    {
        if (ReferenceEquals(x, y))
        {
            return true;
        }

        EnsureStack();
        return (x, y) switch
        {
            (JinjaString a, JinjaString b) => a.Text == b.Text,
            (JinjaUndefined, JinjaUndefined) => true,
            (JinjaList a, JinjaList b) => SameItems(a, b),
            (JinjaTuple a, JinjaTuple b) => SameItems(a, b),
            (JinjaRange a, JinjaRange b) => SameItems(a, b),
            (JinjaDictionary a, JinjaDictionary b) => a.Entries.Count == b.Entries.Count
                && a.Entries.All(e => b.Entries.TryGetValue(e.Key, out var other) && Equals(e.Value, other)),
            (JinjaFloat a, _) when Numbers.TryGetDouble(y!, out var b) => a.Value == b,
            (_, JinjaFloat b) when Numbers.TryGetDouble(x!, out var a) => a == b.Value,
            _ => Numbers.TryGetInteger(x!, out var i) && Numbers.TryGetInteger(y!, out var j) && i == j,
        };
    }

    public int GetHashCode(JinjaValue obj) => obj switch
    {
        JinjaString text => text.Text.GetHashCode(StringComparison.Ordinal),
        JinjaFloat { Value: var value } when value == Math.Truncate(value) && double.IsFinite(value) => new BigInteger(value).GetHashCode(),
        JinjaFloat { Value: var value } => value.GetHashCode(),
        JinjaTuple tuple => tuple.Items.Aggregate(17, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        JinjaList or JinjaDictionary => throw new JinjaException($"unhashable type: '{obj.TypeName}'"),
        _ when Numbers.TryGetInteger(obj, out var integer) => integer.GetHashCode(),
        JinjaUndefined => 0,
        _ => RuntimeHelpers.GetHashCode(obj),
    };

    private bool SameItems(JinjaSequence a, JinjaSequence b) =>
        a.Count == b.Count && a.Items.SequenceEqual(b.Items, this);

    // A list may hold itself, so a comparison may be endless.
    private static void EnsureStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new JinjaException("maximum recursion depth exceeded in comparison");
        }
    }
}
