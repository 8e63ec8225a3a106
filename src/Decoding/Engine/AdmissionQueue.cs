using System.Diagnostics.CodeAnalysis;

namespace Connector.Decoding.Engine;

/// <summary>
/// Requests on their way in, and orders to the engine's thread. First come, first served, but for requests that had to give way: they come
/// first. Thread-safe.
/// </summary>
internal sealed class AdmissionQueue(int maxQueued, int slots)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<EngineRequest> _waiting = [];
    private readonly Queue<EngineOrder> _orders = new();
    private int _running;
    private Exception? _closed;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>All of them get in, or none.</summary>
    /// <exception cref="EngineBusyException">There is no room for all of them.</exception>
    public void Enqueue(IReadOnlyCollection<EngineRequest> requests)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            if (_waiting.Count + requests.Count > maxQueued + Math.Max(0, slots - _running))
            {
                throw new EngineBusyException(_waiting.Count);
            }

            foreach (var request in requests)
            {
                _waiting.AddLast(request);
            }
        }
    }

    /// <summary>Something for the engine's thread to do between two steps.</summary>
    public void Enqueue(EngineOrder order)
    {
        lock (_gate)
        {
            if (_closed is null)
            {
                _orders.Enqueue(order);
                return;
            }
        }

        order.Fail(new ObjectDisposedException(nameof(DecodingEngine)));
    }

    /// <summary>A request of the engine's own, or one that had to give way: never refused, next in turn.</summary>
    public void EnqueueFirst(EngineRequest request)
    {
        lock (_gate)
        {
            _waiting.AddFirst(request);
        }
    }

    public bool TryTakeOrder([NotNullWhen(true)] out EngineOrder? order)
    {
        lock (_gate)
        {
            return _orders.TryDequeue(out order);
        }
    }

    /// <summary>The next in turn, which stays in the queue.</summary>
    public EngineRequest? Peek()
    {
        lock (_gate)
        {
            return _waiting.First?.Value;
        }
    }

    public void RemoveFirst()
    {
        lock (_gate)
        {
            _waiting.RemoveFirst();
        }
    }

    /// <summary>Moves those that need not wait any longer, cancelled or late, to a list.</summary>
    public void RemoveWhere(Predicate<EngineRequest> ended, List<EngineRequest> removed)
    {
        lock (_gate)
        {
            for (var node = _waiting.First; node is not null;)
            {
                var next = node.Next;
                if (ended(node.Value))
                {
                    removed.Add(node.Value);
                    _waiting.Remove(node);
                }

                node = next;
            }
        }
    }

    /// <summary>Tells how many slots are taken, which is how many more may come.</summary>
    public void SetRunning(int running)
    {
        lock (_gate)
        {
            _running = running;
        }
    }

    /// <summary>Nothing gets in any more; what waits stays.</summary>
    public void Close(Exception reason)
    {
        lock (_gate)
        {
            _closed ??= reason;
        }
    }

    private void ThrowIfClosed()
    {
        ObjectDisposedException.ThrowIf(_closed is ObjectDisposedException, typeof(DecodingEngine));
        if (_closed is not null)
        {
            throw new InvalidOperationException("The engine has failed and takes no more requests: " + _closed.Message, _closed);
        }
    }
}

/// <summary>Something for the engine's thread to do between two steps.</summary>
/// <param name="Run">What to do; what it throws goes to <paramref name="Fail"/>.</param>
/// <param name="Fail">Told why it was not done.</param>
internal sealed record EngineOrder(Action Run, Action<Exception> Fail);
