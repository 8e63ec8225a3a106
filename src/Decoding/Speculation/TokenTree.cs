namespace Connector.Decoding.Speculation;

/// <summary>
/// A draft: guesses for the next tokens as a tree, in flat arrays. Node 0 is the root, a token that is already
/// committed but not yet evaluated; every other node is a guess for the token after its parent. Parents stand before
/// their children. Reused from step to step; not thread-safe.
/// </summary>
public sealed class TokenTree
{
    private readonly int[] _tokens;
    private readonly int[] _parents;
    private readonly int[] _depths;
    private readonly float[] _probabilities;
    private readonly int[] _sources;
    private readonly int[] _firstChild;
    private readonly int[] _nextSibling;

    /// <summary>Makes an empty tree.</summary>
    /// <param name="capacity">The most nodes it can hold, the root included.</param>
    public TokenTree(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _tokens = new int[capacity];
        _parents = new int[capacity];
        _depths = new int[capacity];
        _probabilities = new float[capacity];
        _sources = new int[capacity];
        _firstChild = new int[capacity];
        _nextSibling = new int[capacity];
    }

    /// <summary>Nodes in the tree, the root included.</summary>
    public int Count { get; private set; }

    /// <summary>The most nodes it can hold.</summary>
    public int Capacity => _tokens.Length;

    /// <summary>The token of each node.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>The parent of each node; −1 for the root.</summary>
    public ReadOnlySpan<int> Parents => _parents.AsSpan(0, Count);

    /// <summary>Steps from the root to each node.</summary>
    public ReadOnlySpan<int> Depths => _depths.AsSpan(0, Count);

    /// <summary>The estimated probability that a node is reached: the product along its path. 1 for the root.</summary>
    public ReadOnlySpan<float> Probabilities => _probabilities.AsSpan(0, Count);

    /// <summary>Which sources proposed a node, a bit per source.</summary>
    public ReadOnlySpan<int> Sources => _sources.AsSpan(0, Count);

    /// <summary>Empties the tree and plants a root.</summary>
    public void Reset(int rootToken)
    {
        Count = 0;
        Append(rootToken, -1, 0, 1f, 0);
    }

    /// <summary>Adds a guess below <paramref name="parent"/> and returns its node.</summary>
    /// <param name="parent">The node it follows.</param>
    /// <param name="token">The guessed token; a child of the same parent with it must not exist yet.</param>
    /// <param name="probability">The estimated probability that the node is reached, at most its parent's.</param>
    /// <param name="sources">Which sources proposed it, a bit per source.</param>
    /// <exception cref="InvalidOperationException">The tree is full.</exception>
    public int Add(int parent, int token, float probability, int sources)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)parent, (uint)Count, nameof(parent));
        if (Count == Capacity)
        {
            throw new InvalidOperationException($"The tree is full: it holds {Capacity} nodes.");
        }

        var node = Append(token, parent, _depths[parent] + 1, probability, sources);
        _nextSibling[node] = _firstChild[parent];
        _firstChild[parent] = node;
        return node;
    }

    /// <summary>The child of <paramref name="parent"/> with a token, or −1.</summary>
    public int FindChild(int parent, int token)
    {
        for (var child = _firstChild[parent]; child >= 0; child = _nextSibling[child])
        {
            if (_tokens[child] == token)
            {
                return child;
            }
        }

        return -1;
    }

    /// <summary>Whether a node has no children.</summary>
    public bool IsLeaf(int node) => _firstChild[node] < 0;

    /// <summary>Removes the nodes that were added last, down to <paramref name="count"/> nodes.</summary>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        while (Count > count)
        {
            Count--;
            _firstChild[_parents[Count]] = _nextSibling[Count];
        }
    }

    private int Append(int token, int parent, int depth, float probability, int sources)
    {
        var node = Count++;
        _tokens[node] = token;
        _parents[node] = parent;
        _depths[node] = depth;
        _probabilities[node] = probability;
        _sources[node] = sources;
        _firstChild[node] = -1;
        _nextSibling[node] = -1;
        return node;
    }
}
