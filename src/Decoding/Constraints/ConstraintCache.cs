namespace Connector.Decoding.Constraints;

/// <summary>
/// Compiled constraints by their source, so that requests with the same schema share the work and the warm tables.
/// Bounded in number; the least recently used goes first. A source that several ask for at once is compiled once, and a
/// failure is not remembered: neither one of compiling, nor tables that all the texts read so far have filled up
/// (<see cref="ConstraintLimits"/>), after which the next request compiles afresh. Thread-safe.
/// </summary>
/// <param name="capacity">How many constraints are kept. Default 64.</param>
public sealed class ConstraintCache(int capacity = 64)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Vocabulary, string Source), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly int _capacity = capacity > 0 ? capacity : throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "The capacity must be positive.");

    /// <summary>How many constraints are kept at present.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>The constraint of a source, compiled now unless it is kept.</summary>
    /// <param name="source">What tells constraints apart: the text of a schema or grammar, with any options that matter.</param>
    /// <param name="vocabulary">The tokens; equal vocabularies (<see cref="Vocabulary.Hash"/>) share.</param>
    /// <param name="compile">Compiles the source. Its exceptions reach all who wait for this source.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public CompiledConstraint GetOrCompile(string source, Vocabulary vocabulary, Func<Vocabulary, CompiledConstraint> compile)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(compile);
        var key = (vocabulary.Hash, source);
        LinkedListNode<Entry>? node;
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out node))
            {
                _byUse.Remove(node);
            }

            if (node is null || node.Value.Constraint is { IsValueCreated: true, Value.IsExhausted: true })
            {
                node = new LinkedListNode<Entry>(new Entry(key, new Lazy<CompiledConstraint>(() => compile(vocabulary))));
                _entries[key] = node;
                if (_entries.Count > _capacity)
                {
                    _entries.Remove(_byUse.Last!.Value.Key);
                    _byUse.RemoveLast();
                }
            }

            _byUse.AddFirst(node);
        }

        try
        {
            return node.Value.Constraint.Value;
        }
        catch
        {
            Forget(key, node);
            throw;
        }
    }

    private void Forget((string Vocabulary, string Source) key, LinkedListNode<Entry> node)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var held) && held == node)
            {
                _entries.Remove(key);
                _byUse.Remove(node);
            }
        }
    }

    private sealed record Entry((string Vocabulary, string Source) Key, Lazy<CompiledConstraint> Constraint);
}
