namespace Connector.Decoding.Engine;

/// <summary>Prefixes that stay in the cache until their owner lets them go, also across a rebuilt context.</summary>
internal sealed class PinnedPrefixes
{
    private readonly List<Pin> _pins = [];

    public int Count => _pins.Count;

    /// <summary>Pins a prefix that has just been evaluated.</summary>
    public void Add(Pin pin, KvSequence sequence, int most)
    {
        if (_pins.Count >= most)
        {
            throw new InvalidOperationException($"{_pins.Count} prefixes are pinned already; the engine caches no more than {most} sequences.");
        }

        pin.Attach(sequence);
        _pins.Add(pin);
    }

    /// <summary>Lets a prefix go: it is then an ordinary cached one.</summary>
    public void Remove(Pin pin, KvMemory memory)
    {
        _pins.Remove(pin);
        pin.Detach(memory);
    }

    /// <summary>The context was rebuilt and is empty: the prefixes are evaluated again, before anything else.</summary>
    public void Reload(EngineLoop loop)
    {
        foreach (var pin in _pins)
        {
            if (pin.Forget())
            {
                loop.Queue.EnqueueFirst(loop.CreatePrefill(pin.Tokens, pin.Attach, static () => { }, CancellationToken.None));
            }
        }
    }

    /// <summary>One pinned prefix.</summary>
    internal sealed class Pin(int[] tokens)
    {
        private KvSequence? _sequence;
        private bool _released;

        public int[] Tokens => tokens;

        /// <summary>The prefix is evaluated: its sequence stays.</summary>
        public void Attach(KvSequence sequence)
        {
            if (!_released)
            {
                sequence.Pins++;
                _sequence = sequence;
            }
        }

        public void Detach(KvMemory memory)
        {
            _released = true;
            if (_sequence is not null)
            {
                memory.Unpin(_sequence);
                _sequence = null;
            }
        }

        /// <summary>Its sequence is gone with its context; whether there was one.</summary>
        public bool Forget()
        {
            var had = _sequence is not null;
            _sequence = null;
            return had;
        }
    }
}
