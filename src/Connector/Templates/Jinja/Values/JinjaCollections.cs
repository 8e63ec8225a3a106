using System.Collections;
using System.Numerics;

namespace Connector.Templates.Jinja;

/// <summary>A sequence that can be indexed: list, tuple or range.</summary>
internal abstract class JinjaSequence : JinjaValue, IReadOnlyList<JinjaValue>
{
    public abstract int Count { get; }

    public abstract JinjaValue this[int index] { get; }

    public override bool IsTrue => Count > 0;

    public override int? Length => Count;

    public override IEnumerable<JinjaValue> Items => this;

    public IEnumerator<JinjaValue> GetEnumerator()
    {
        // A list may grow while a template loops over it, as in Python; the step budget ends it.
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A list, which templates may change in place.</summary>
internal sealed class JinjaList(List<JinjaValue> values) : JinjaSequence
{
    public JinjaList(IEnumerable<JinjaValue> values)
        : this(values.ToList())
    {
    }

    public List<JinjaValue> Values { get; } = values;

    public override string TypeName => "list";

    public override int Count => Values.Count;

    public override JinjaValue this[int index] => Values[index];
}

internal sealed class JinjaTuple(params JinjaValue[] values) : JinjaSequence
{
    public override string TypeName => "tuple";

    public override int Count => values.Length;

    public override JinjaValue this[int index] => values[index];
}

/// <summary>Python's range: never written out, so a huge one costs nothing until it is visited.</summary>
internal sealed class JinjaRange(long start, long step, int count) : JinjaSequence
{
    public override string TypeName => "range";

    public override int Count => count;

    public override JinjaValue this[int index] => new JinjaInteger(start + (step * (BigInteger)index));

    public override string ToString() => $"range({start}, {start + (step * count)}{(step == 1 ? "" : $", {step}")})";
}

/// <summary>A dictionary in order of insertion.</summary>
internal sealed class JinjaDictionary : JinjaValue
{
    public OrderedDictionary<JinjaValue, JinjaValue> Entries { get; } = new(JinjaEquality.Instance);

    public override string TypeName => "dict";

    public override bool IsTrue => Entries.Count > 0;

    public override int? Length => Entries.Count;

    public override IEnumerable<JinjaValue> Items
    {
        get
        {
            for (var i = 0; i < Entries.Count; i++)
            {
                yield return Entries.GetAt(i).Key;
            }
        }
    }

    public IEnumerable<JinjaValue> Pairs
    {
        get
        {
            for (var i = 0; i < Entries.Count; i++)
            {
                var (key, value) = Entries.GetAt(i);
                yield return new JinjaTuple(key, value);
            }
        }
    }

    /// <summary>Sets an entry whose key the program chose.</summary>
    public JinjaDictionary With(string key, JinjaValue value)
    {
        Entries[JinjaString.Template(key)] = value;
        return this;
    }

    /// <summary>The entry under a key, or null.</summary>
    public JinjaValue? Find(string key) => Entries.GetValueOrDefault(JinjaString.Template(key));
}

/// <summary>What keys(), values() and items() give: a view that can be visited again but not indexed.</summary>
internal sealed class JinjaView(string typeName, JinjaDictionary dictionary, Func<IEnumerable<JinjaValue>> items) : JinjaValue
{
    public override string TypeName => typeName;

    public override bool IsTrue => dictionary.IsTrue;

    public override int? Length => dictionary.Length;

    public override IEnumerable<JinjaValue> Items => items();
}

/// <summary>What map, select and their like give: items that can be visited once, without a length.</summary>
internal sealed class JinjaGenerator(IEnumerable<JinjaValue> items) : JinjaValue
{
    private readonly IEnumerator<JinjaValue> _items = items.GetEnumerator();

    public override string TypeName => "generator";

    public override IEnumerable<JinjaValue> Items
    {
        get
        {
            while (_items.MoveNext())
            {
                yield return _items.Current;
            }
        }
    }
}

/// <summary>What <c>namespace(…)</c> makes: the one value whose members a template may set from inside a loop.</summary>
internal sealed class JinjaNamespace : JinjaValue
{
    public Dictionary<string, JinjaValue> Members { get; } = new(StringComparer.Ordinal);

    public override string TypeName => "Namespace";
}
