using System.Text;

namespace Connector.Decoding.Text;

/// <summary>
/// Finds the first of several stop strings in a stream of bytes, wherever the stream is cut: the automaton of Aho and
/// Corasick (1975), so a byte costs constant time however many strings there are. Immutable and thread-safe; where a
/// stream stands is a <see cref="StopState"/> of its owner.
/// </summary>
public sealed class StopMatcher
{
    // A node is a prefix of some stop string; node 0 is the empty one. Children are short linked lists: stop strings are few.
    private readonly List<Node> _nodes = [new Node { Stop = -1 }];
    private readonly string[] _stops;

    /// <summary>Compiles stop strings.</summary>
    /// <param name="stops">The strings, in any order, repeats allowed. None: nothing ever matches.</param>
    /// <exception cref="ArgumentException">A stop string is empty: it would end everything at once.</exception>
    public StopMatcher(params IEnumerable<string> stops)
    {
        ArgumentNullException.ThrowIfNull(stops);
        _stops = [.. stops];
        for (var i = 0; i < _stops.Length; i++)
        {
            if (string.IsNullOrEmpty(_stops[i]))
            {
                throw new ArgumentException($"Stop string {i} is empty.", nameof(stops));
            }

            Insert(Encoding.UTF8.GetBytes(_stops[i]), i);
        }

        LinkFailures();
    }

    /// <summary>Whether there is nothing to match.</summary>
    public bool IsEmpty => _stops.Length == 0;

    /// <summary>The stop strings, as given.</summary>
    public IReadOnlyList<string> Stops => _stops;

    /// <summary>
    /// Reads bytes until a stop string is complete. Of several, the one that ends first wins, and of those the longest.
    /// </summary>
    /// <param name="state">Where the stream stands; default at its start. Moved past what was read.</param>
    /// <param name="bytes">The next bytes of the stream.</param>
    /// <returns>The match, or null when the bytes were read to their end without one.</returns>
    public StopMatch? Find(ref StopState state, ReadOnlySpan<byte> bytes)
    {
        if (IsEmpty)
        {
            return null;
        }

        var node = state.Node;
        for (var i = 0; i < bytes.Length; i++)
        {
            node = Next(node, bytes[i]);
            if (_nodes[node].Stop >= 0)
            {
                state = new StopState(node);
                var stop = _stops[_nodes[node].Stop];
                return new StopMatch(stop, i + 1, Encoding.UTF8.GetByteCount(stop));
            }
        }

        state = new StopState(node);
        return null;
    }

    /// <summary>How many of the last bytes read may still become a stop string: they must be held back.</summary>
    public int PendingBytes(StopState state) => _nodes[state.Node].Depth;

    private void Insert(ReadOnlySpan<byte> bytes, int stop)
    {
        var node = 0;
        foreach (var value in bytes)
        {
            var child = FindChild(node, value);
            if (child < 0)
            {
                child = _nodes.Count;
                _nodes.Add(new Node { Value = value, Depth = _nodes[node].Depth + 1, Sibling = _nodes[node].Child, Stop = -1 });
                _nodes[node] = _nodes[node] with { Child = child };
            }

            node = child;
        }

        _nodes[node] = _nodes[node] with { Stop = stop };
    }

    /// <summary>In order of depth: where to go on when no child fits, and which shorter stop string ends here too.</summary>
    private void LinkFailures()
    {
        var queue = new Queue<int>([0]);
        while (queue.TryDequeue(out var node))
        {
            for (var child = _nodes[node].Child; child != 0; child = _nodes[child].Sibling)
            {
                var failure = node == 0 ? 0 : Next(_nodes[node].Failure, _nodes[child].Value);
                var stop = _nodes[child].Stop >= 0 ? _nodes[child].Stop : _nodes[failure].Stop;
                _nodes[child] = _nodes[child] with { Failure = failure, Stop = stop };
                queue.Enqueue(child);
            }
        }
    }

    private int Next(int node, byte value)
    {
        while (true)
        {
            var child = FindChild(node, value);
            if (child >= 0)
            {
                return child;
            }

            if (node == 0)
            {
                return 0;
            }

            node = _nodes[node].Failure;
        }
    }

    private int FindChild(int node, byte value)
    {
        for (var child = _nodes[node].Child; child != 0; child = _nodes[child].Sibling)
        {
            if (_nodes[child].Value == value)
            {
                return child;
            }
        }

        return -1;
    }

    private readonly record struct Node(byte Value, int Depth, int Child, int Sibling, int Failure, int Stop);
}

/// <summary>Where a stream stands in a <see cref="StopMatcher"/>; default is its start.</summary>
public readonly record struct StopState
{
    internal StopState(int node) => Node = node;

    internal int Node { get; }
}

/// <summary>A stop string was found.</summary>
/// <param name="Stop">The stop string.</param>
/// <param name="End">How many of the bytes just given were read up to and including its last byte.</param>
/// <param name="Length">Its length in bytes; it may have begun in bytes given earlier.</param>
public readonly record struct StopMatch(string Stop, int End, int Length);
