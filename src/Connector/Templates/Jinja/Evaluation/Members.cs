using System.Numerics;

namespace Connector.Templates.Jinja;

/// <summary>
/// <c>a.b</c> and <c>a[b]</c>. As in Python the first finds methods before items and the second items before methods,
/// so <c>schema.items</c> is the method and <c>schema['items']</c> the entry. What is not there is undefined.
/// </summary>
internal static class Members
{
    public static JinjaValue Member(JinjaValue target, string name, Evaluator run)
    {
        Operators.ThrowIfUndefined(target);
        return FindAttribute(target, name, run) ?? FindItem(target, JinjaString.Template(name)) ?? Missing(target, $"attribute '{name}'");
    }

    public static JinjaValue Item(JinjaValue target, JinjaValue key, Evaluator run)
    {
        Operators.ThrowIfUndefined(target);
        return FindItem(target, key)
            ?? (key is JinjaString name ? FindAttribute(target, name.Text, run) : null)
            ?? Missing(target, $"element {PythonText.Repr(key, run.Budget)}");
    }

    /// <summary>An attribute in Python's sense: a method, or what a namespace or loop holds.</summary>
    public static JinjaValue? FindAttribute(JinjaValue target, string name, Evaluator run) => target switch
    {
        JinjaString text => StringMethods.Find(text, name, run),
        JinjaDictionary dictionary => DictionaryMethods.Find(dictionary, name, run),
        JinjaList list => ListMethods.Find(list, name, run),
        JinjaNamespace space => space.Members.GetValueOrDefault(name),
        JinjaLoop loop => loop.FindMember(name),
        JinjaFunction function when name == "name" => JinjaString.Template(function.Name),
        _ => null,
    };

    public static JinjaValue? FindItem(JinjaValue target, JinjaValue key)
    {
        switch (target)
        {
            case JinjaDictionary dictionary:
                return key is JinjaList or JinjaDictionary ? null : dictionary.Entries.GetValueOrDefault(key);
            case JinjaString text when Numbers.TryGetInteger(key, out var index):
                var starts = text.IsFlat ? null : text.CodePointStarts();
                return Resolve(index, starts?.Length - 1 ?? text.Text.Length) is { } at
                    ? text.Slice(starts?[at] ?? at, starts is null ? 1 : starts[at + 1] - starts[at])
                    : null;
            case JinjaSequence sequence when Numbers.TryGetInteger(key, out var index):
                return Resolve(index, sequence.Count) is { } place ? sequence[place] : null;
            default:
                return null;
        }
    }

    private static int? Resolve(BigInteger index, int count)
    {
        var place = index.Sign < 0 ? index + count : index;
        return place.Sign >= 0 && place < count ? (int)place : null;
    }

    private static JinjaUndefined Missing(JinjaValue target, string what) =>
        new(target is JinjaNone ? $"None has no {what}" : $"'{target.TypeName} object' has no {what}");
}
