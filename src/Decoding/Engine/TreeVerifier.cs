using Connector.Decoding.Speculation;

namespace Connector.Decoding.Engine;

/// <summary>What the deciding model says at the nodes of a draft.</summary>
internal interface IDecider
{
    /// <summary>
    /// The token that follows a node, sampled from the deciding model's logits there; false when the answer ends with this token. Asked
    /// once per node of the accepted path, in order, so it may keep a history.
    /// </summary>
    bool Decide(int node, out int token);
}

/// <summary>Verification: which part of a draft stays.</summary>
internal static class TreeVerifier
{
    /// <summary>
    /// Walks down from the root. At each node the decider samples; a child that <em>is</em> the sampled token is accepted and walked to, otherwise the
    /// sampled token is the bonus and the walk ends. Exact for any tree at any temperature, as the sampled token never depends on the draft.
    /// </summary>
    /// <example>Root "the" with children "cat" and "dog"; the decider says "dog" after "the" and "ran" after "dog", which has no child "ran":
    /// the path is [dog], the bonus "ran".</example>
    /// <param name="tree">The draft.</param>
    /// <param name="evaluated">Which nodes were evaluated; others are as if they were not there.</param>
    /// <param name="decider">The deciding model with the request's sampler.</param>
    /// <param name="path">Receives the accepted nodes below the root.</param>
    /// <returns>How many were accepted. The decider has said one token more: the bonus.</returns>
    public static int Accept<TDecider>(TokenTree tree, ReadOnlySpan<bool> evaluated, TDecider decider, Span<int> path)
        where TDecider : IDecider
    {
        var accepted = 0;
        var node = 0;
        while (decider.Decide(node, out var token))
        {
            node = tree.FindChild(node, token);
            if ((uint)node >= (uint)evaluated.Length || !evaluated[node])
            {
                break;
            }

            path[accepted++] = node;
        }

        return accepted;
    }
}
