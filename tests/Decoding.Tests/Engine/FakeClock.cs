namespace Connector.Decoding.Tests.Engine;

/// <summary>A clock that stands still until it is told.</summary>
internal sealed class FakeClock : TimeProvider
{
    private long _ticks = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public void Advance(TimeSpan time) => _ticks += time.Ticks;
}
