using System.Runtime.InteropServices;

namespace Connector.Decoding.Constraints.Lexing;

/// <content>Unions taken apart.</content>
internal sealed partial class RegexSet
{
    private const int MaxParts = 6;
    private const int MaxHeads = 16;

    /// <summary>
    /// Regexes whose union is <paramref name="regex"/>: each alternative that contains a loop, intersection or complement
    /// by itself, and all others as one. Such alternatives ("any other key") come up in many unions that differ in the rest
    /// ("one of the keys not seen yet").
    /// </summary>
    public void Parts(Regex regex, List<Regex> parts)
    {
        // Heads that the alternatives share were factored out.
        var heads = new List<Regex>();
        var (node, body) = (_nodes[regex.Id], regex);
        while (node.Kind == RegexKind.Concat && heads.Count < MaxHeads && !Has(new Regex(node.A), RegexFlags.IsOpen))
        {
            heads.Add(new Regex(node.A));
            body = new Regex(node.B);
            node = _nodes[body.Id];
        }

        var children = node.Kind == RegexKind.Or ? Children(node).ToArray() : [];
        var open = Array.FindAll(children, child => Has(new Regex(child), RegexFlags.IsOpen));
        if (open.Length == 0 || open.Length > MaxParts || children.Length == 1)
        {
            parts.Add(regex);
            return;
        }

        foreach (var child in open)
        {
            parts.Add(WithHeads(new Regex(child)));
        }

        if (open.Length < children.Length)
        {
            var closed = Array.FindAll(children, child => !Has(new Regex(child), RegexFlags.IsOpen));
            parts.Add(WithHeads(Or(MemoryMarshal.Cast<int, Regex>(closed))));
        }

        Regex WithHeads(Regex part)
        {
            for (var i = heads.Count - 1; i >= 0; i--)
            {
                part = Concat(heads[i], part);
            }

            return part;
        }
    }
}
