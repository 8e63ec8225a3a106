namespace Connector.Decoding.Engine;

/// <summary>Wakes the engine's thread. Unlike an event it needs no disposal, so a late reader may always call it. Thread-safe.</summary>
internal sealed class WakeSignal
{
    private readonly object _gate = new();
    private bool _isSet;

    public void Set()
    {
        lock (_gate)
        {
            _isSet = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits until it is set, or was since the last wait, or the time is over.</summary>
    public void Wait(int milliseconds)
    {
        lock (_gate)
        {
            if (!_isSet)
            {
                Monitor.Wait(_gate, milliseconds);
            }

            _isSet = false;
        }
    }
}
