namespace Connector.Decoding.Constraints.Lexing;

/// <content>Regexes that cannot be told apart by short texts.</content>
internal sealed partial class RegexSet
{
    private const int MaxInclusionSteps = 500;

    private readonly Dictionary<(int Regex, int Bytes), Regex> _withinReach = [];
    private readonly Dictionary<int, (long Shortest, long Worst)> _waysOut = [];

    /// <summary>
    /// A regex that begins with the same texts of at most so many bytes and has the same marks there: bounds of loops
    /// that lie beyond are dropped. Within intersections and complements they stay, because there a far bound may decide
    /// whether anything matches at all; but a pattern within a length that can always be finished in time is the pattern.
    /// </summary>
    public Regex WithinReach(Regex regex, int bytes)
    {
        var node = _nodes[regex.Id];
        switch (node.Kind)
        {
            case RegexKind.Concat or RegexKind.Or or RegexKind.Repeat or RegexKind.And:
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
            RegexKind.Or => OrWithinReach(node, bytes),
            _ => AndWithinReach(regex, node, bytes),
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

    // P within C{0,n}, as a pattern with maxLength is. Where all texts of P consist of C, and P can be finished from
    // anywhere in n - bytes more bytes, the count plays no part within so many bytes.
    private Regex AndWithinReach(Regex regex, in RegexNode node, int bytes)
    {
        if (node.B != 2)
        {
            return regex;
        }

        var (first, second) = (new Regex(_children[node.A]), new Regex(_children[node.A + 1]));
        return PatternWithinReach(first, second, bytes) ?? PatternWithinReach(second, first, bytes) ?? regex;
    }

    private Regex? PatternWithinReach(Regex pattern, Regex length, int bytes)
    {
        var (head, count) = Split(length.Id) is var (first, rest) && _nodes[first].Kind == RegexKind.Repeat && rest == Empty.Id
            ? (Empty, _nodes[first])
            : (new Regex(first), _nodes[rest]);
        if (count is not { Kind: RegexKind.Repeat, Min: 0, Max: < Unbounded }
            || Has(pattern, RegexFlags.MayBeEmpty)
            || Has(length, RegexFlags.MayBeEmpty)
            || count.Max <= bytes + LongestWayOut(pattern).Worst)
        {
            return null;
        }

        var near = WithinReach(pattern, bytes);
        var anyLength = Concat(head, Repeat(new Regex(count.A), 0));
        return IsEmptyWithin(And(near, Not(anyLength)), MaxInclusionSteps) ? near : null;
    }

    // The fewest bytes that a regex matches, and the most bytes that it takes to finish from any place within it, when
    // one goes the shortest way.
    private (long Shortest, long Worst) LongestWayOut(Regex regex)
    {
        if (_waysOut.TryGetValue(regex.Id, out var known))
        {
            return known;
        }

        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var node = _nodes[regex.Id];
        (long Shortest, long Worst) result = (0, 0);
        switch (node.Kind)
        {
            case RegexKind.Bytes:
                result = (1, 1);
                break;
            case RegexKind.Concat:
                var (head, tail) = (LongestWayOut(new Regex(node.A)), LongestWayOut(new Regex(node.B)));
                result = (head.Shortest + tail.Shortest, Math.Max(head.Worst + tail.Shortest, tail.Worst));
                break;
            case RegexKind.Repeat:
                var body = LongestWayOut(new Regex(node.A));
                result = (node.Min * body.Shortest, Math.Max(body.Worst + (Math.Max(node.Min - 1, 0) * body.Shortest), node.Min * body.Shortest));
                break;
            case RegexKind.Or:
                result = (long.MaxValue, 0);
                for (var i = 0; i < node.B; i++)
                {
                    var part = LongestWayOut(new Regex(_children[node.A + i]));
                    result = (Math.Min(result.Shortest, part.Shortest), Math.Max(result.Worst, part.Worst));
                }

                break;
            case RegexKind.Nothing or RegexKind.And or RegexKind.Not or RegexKind.Multiple:
                result = (int.MaxValue, int.MaxValue);
                break;
            default:
                break;
        }

        // Far beyond any bound that counts, and small enough to be added and multiplied.
        return _waysOut[regex.Id] = (Math.Min(result.Shortest, int.MaxValue), Math.Min(result.Worst, int.MaxValue));
    }
}
