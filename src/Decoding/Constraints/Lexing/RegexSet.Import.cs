namespace Connector.Decoding.Constraints.Lexing;

/// <content>Languages of other builders.</content>
internal sealed partial class RegexSet
{
    /// <summary>
    /// The same language as a node of another builder, which is only read: a builder that nobody changes any more can be
    /// a store of ready-made languages for all threads.
    /// </summary>
    public Regex Import(RegexSet other, Regex regex)
    {
        var known = new Dictionary<int, Regex>();
        return Copy(regex.Id);

        Regex Copy(int id)
        {
            if (known.TryGetValue(id, out var copy))
            {
                return copy;
            }

            System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
            var node = other._nodes[id];
            copy = node.Kind switch
            {
                RegexKind.Bytes => Bytes(other._byteSets[node.A]),
                RegexKind.Concat => Intern(node with { A = Copy(node.A).Id, B = Copy(node.B).Id }, other.IsNullable(new Regex(id))),
                RegexKind.Repeat => Intern(node with { A = Copy(node.A).Id }, other.IsNullable(new Regex(id))),
                RegexKind.Not => Not(Copy(node.A)),
                RegexKind.Or or RegexKind.And => CopyList(node),
                RegexKind.Nothing => Nothing,
                RegexKind.Empty => Empty,
                RegexKind.Multiple => Multiple(node.A, node.B),
                _ => Mark(node.A),
            };
            known[id] = copy;
            return copy;
        }

        Regex CopyList(RegexNode node)
        {
            var children = new List<int>(node.B);
            for (var i = 0; i < node.B; i++)
            {
                children.Add(Copy(other._children[node.A + i]).Id);
            }

            SortDistinct(children);
            return Collect(node.Kind, children, node.Kind == RegexKind.Or ? Nothing : Anything);
        }
    }
}
