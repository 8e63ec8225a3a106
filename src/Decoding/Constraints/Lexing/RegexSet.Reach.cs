namespace Connector.Decoding.Constraints.Lexing;

/// <content>Regexes that cannot be told apart by short texts.</content>
internal sealed partial class RegexSet
{
    private readonly Dictionary<(int Regex, int Bytes), Regex> _withinReach = [];

    /// <summary>
    /// A regex that begins with the same texts of at most so many bytes and has the same marks there: bounds of loops
    /// that lie beyond are dropped. Within intersections and complements they stay, because there a far bound may decide
    /// whether anything matches at all.
    /// </summary>
    public Regex WithinReach(Regex regex, int bytes)
    {
        var node = _nodes[regex.Id];
        switch (node.Kind)
        {
            case RegexKind.Concat or RegexKind.Or or RegexKind.Repeat:
                break;
            default:
                return regex;
        }

        if (_withinReach.TryGetValue((regex.Id, bytes), out var known))
        {
            return known;
        }

        var result = node.Kind switch
        {
            RegexKind.Concat => ConcatWithinReach(regex, node, bytes),
            RegexKind.Repeat => Repeat(
                WithinReach(new Regex(node.A), bytes),
                Math.Min(node.Min, bytes + 1),
                node.Max > bytes + 1 ? Unbounded : node.Max),
            _ => OrWithinReach(node, bytes),
        };
        return _withinReach[(regex.Id, bytes)] = result;
    }

    // What lies behind more single bytes than can be read is out of reach.
    private Regex ConcatWithinReach(Regex regex, in RegexNode node, int bytes)
    {
        var (head, tail) = (new Regex(node.A), new Regex(node.B));
        var left = bytes - (IsNullable(head) ? 0 : 1);
        return left < 0 ? regex : Concat(WithinReach(head, bytes), WithinReach(tail, left));
    }

    private Regex OrWithinReach(in RegexNode node, int bytes)
    {
        var parts = new Regex[node.B];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = WithinReach(new Regex(_children[node.A + i]), bytes);
        }

        return Or(parts);
    }
}
