using System.Numerics;
using Connector.Decoding.Speculation;

namespace Connector.Decoding.Engine;

/// <summary>
/// Lays a draft tree out as rows of a batch: a leaf is a lane, a node carries the lanes of the leaves below it, the heaviest leaf's first (the
/// mask of a row reads its first sequence). Lanes without a leaf ride with the heaviest one, so all of them share the root. Reused from step
/// to step; not thread-safe.
/// </summary>
internal sealed class DraftRows
{
    /// <summary>Lanes are bits of a word.</summary>
    public const int MaxLanes = 64;

    private readonly List<int> _leaves = [];
    private readonly List<int> _ids = [];
    private ulong[] _lanes = new ulong[16];
    private int[] _rows = new int[16];
    private bool[] _evaluated = new bool[16];
    private int[] _depthOfLane = new int[MaxLanes];
    private int _count;

    /// <summary>Which nodes have a row.</summary>
    public ReadOnlySpan<bool> Evaluated => _evaluated.AsSpan(0, _count);

    /// <summary>The batch row of an evaluated node.</summary>
    public int Row(int node) => _rows[node];

    /// <summary>Rows below the root.</summary>
    public int Drafted { get; private set; }

    /// <summary>Leaves within the bounds, before lanes run short.</summary>
    public int CountLeaves(TokenTree tree, int maxNodes, int maxDepth)
    {
        _count = Math.Min(tree.Count, maxNodes);
        if (_lanes.Length < _count)
        {
            _lanes = new ulong[_count * 2];
            _rows = new int[_count * 2];
            _evaluated = new bool[_count * 2];
        }

        // Parents stand before children, so going backwards a node without lanes yet is a leaf: mark parents on the way.
        var hasChild = _evaluated.AsSpan(0, _count);
        hasChild.Clear();
        _leaves.Clear();
        for (var node = _count - 1; node >= 0; node--)
        {
            if (tree.Depths[node] > maxDepth)
            {
                continue;
            }

            if (!hasChild[node])
            {
                _leaves.Add(node);
            }

            if (node > 0)
            {
                hasChild[tree.Parents[node]] = true;
            }
        }

        return _leaves.Count;
    }

    /// <summary>Adds the rows of the tree last counted to a batch; branches for which there is no lane are left out.</summary>
    /// <param name="tree">The draft.</param>
    /// <param name="lanes">The sequence's ids.</param>
    /// <param name="position">The root's position.</param>
    /// <param name="batch">Receives the rows.</param>
    public void AddTo(TokenBatch batch, TokenTree tree, List<int> lanes, int position)
    {
        SortLeaves(tree);
        _lanes.AsSpan(0, _count).Clear();
        for (var lane = 0; lane < lanes.Count; lane++)
        {
            var leaf = _leaves[lane < _leaves.Count ? lane : 0];
            _depthOfLane[lane] = tree.Depths[leaf];
            for (var node = leaf; node >= 0; node = tree.Parents[node])
            {
                _lanes[node] |= 1ul << lane;
            }
        }

        Drafted = -1;
        for (var node = 0; node < _count; node++)
        {
            _evaluated[node] = _lanes[node] != 0;
            if (_evaluated[node])
            {
                Drafted++;
                _ids.Clear();
                for (var bits = _lanes[node]; bits != 0; bits &= bits - 1)
                {
                    _ids.Add(lanes[BitOperations.TrailingZeroCount(bits)]);
                }

                _rows[node] = batch.Add(tree.Tokens[node], position + tree.Depths[node], System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids), wantsLogits: true);
            }
        }
    }

    /// <summary>
    /// Makes all lanes hold exactly the accepted path: losers are cut back to the root, the winner to the path's end, and the losers take the path
    /// over from the winner. False where the memory refuses: then the lanes are of no more use.
    /// </summary>
    /// <param name="context">The context.</param>
    /// <param name="lanes">The sequence's ids.</param>
    /// <param name="position">The root's position.</param>
    /// <param name="deepest">The last accepted node, or the root.</param>
    /// <param name="depth">Its depth.</param>
    public bool Commit(IModelContext context, List<int> lanes, int position, int deepest, int depth)
    {
        var keeping = _lanes[deepest];
        var winner = lanes[BitOperations.TrailingZeroCount(keeping)];
        var end = position + 1 + depth;
        for (var lane = 0; lane < lanes.Count; lane++)
        {
            var keep = (keeping >> lane & 1) != 0 ? depth : 0;
            if (_depthOfLane[lane] > keep && !context.Truncate(lanes[lane], position + 1 + keep))
            {
                return false;
            }
        }

        for (var lane = 0; lane < lanes.Count; lane++)
        {
            if ((keeping >> lane & 1) == 0 && depth > 0)
            {
                context.CopySequence(winner, lanes[lane], position + 1, end);
            }
        }

        return true;
    }

    /// <summary>Likeliest first, the older node first among equals: a short insertion sort that allocates nothing.</summary>
    private void SortLeaves(TokenTree tree)
    {
        for (var i = 1; i < _leaves.Count; i++)
        {
            var leaf = _leaves[i];
            var probability = tree.Probabilities[leaf];
            var j = i - 1;
            for (; j >= 0 && (tree.Probabilities[_leaves[j]] < probability || (tree.Probabilities[_leaves[j]] == probability && _leaves[j] > leaf)); j--)
            {
                _leaves[j + 1] = _leaves[j];
            }

            _leaves[j + 1] = leaf;
        }
    }
}
