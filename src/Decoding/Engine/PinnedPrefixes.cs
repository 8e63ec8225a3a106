namespace Connector.Decoding.Engine;

/// <summary>Prefixes that stay in the cache until their owner lets them go, also across a rebuilt context.</summary>
internal sealed class PinnedPrefixes
{
    /// <summary>A prefix whose evaluation fails so often in a row is at fault itself, and would keep the engine rebuilding its context.</summary>
    private const int MaxReloads = 3;

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
            pin.Forget();
            if (pin.IsReloading)
            {
                continue;
            }

            if (pin.Reloads == MaxReloads)
            {
                EngineLog.PrefixLost(loop.Logger, pin.Tokens.Length, MaxReloads);
                pin.Reloads++;
            }
            else if (pin.Reloads < MaxReloads)
            {
                var reload = loop.CreatePrefill(pin.Tokens, pin.Attach, static () => { }, CancellationToken.None, isReload: true);
                pin.Reload(reload.Output);
                loop.Queue.EnqueueFirst(reload);
            }
        }
    }

    /// <summary>One pinned prefix.</summary>
    internal sealed class Pin(int[] tokens)
    {
        private KvSequence? _sequence;
        private Generation? _reload;
        private bool _released;

        public int[] Tokens => tokens;

        /// <summary>Reloads in a row that were begun and have not succeeded.</summary>
        public int Reloads { get; set; }

        /// <summary>Whether a reload is under way or waits.</summary>
        public bool IsReloading => _reload is { IsReadToEnd: false };

        /// <summary>The prefix is evaluated: its sequence stays.</summary>
        public void Attach(KvSequence sequence)
        {
            if (!_released)
            {
                sequence.Pins++;
                _sequence = sequence;
                Reloads = 0;
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

        /// <summary>Its sequence is gone with its context.</summary>
        public void Forget() => _sequence = null;

        /// <summary>A reload begins.</summary>
        public void Reload(Generation reload)
        {
            _reload = reload;
            Reloads++;
        }
    }
}
