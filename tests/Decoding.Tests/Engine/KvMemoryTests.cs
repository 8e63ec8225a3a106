using Connector.Decoding.Engine;

namespace Connector.Decoding.Tests.Engine;

public sealed class KvMemoryTests
{
    [Fact]
    public void Shared_cells_count_once_and_are_evictable_only_when_nobody_running_has_them()
    {
        var memory = Create(maxCached: 4);
        var first = Filled(memory, 10);
        Assert.Equal((90, 90), (memory.Free, memory.FreeAfterEvictions));
        memory.Keep(first, step: 1);
        Assert.Equal((90, 100), (memory.Free, memory.FreeAfterEvictions));

        var fork = memory.Fork(first, 6);
        Assert.Equal((90, 94), (memory.Free, memory.FreeAfterEvictions));
        Assert.True(memory.IsSharedFrom(fork, 5));
        Assert.True(memory.EvictOldest());
        Assert.Equal((94, 94), (memory.Free, memory.FreeAfterEvictions));
        Assert.False(memory.IsSharedFrom(fork, 0));
        Assert.False(memory.EvictOldest());
        Assert.False(memory.MakeRoom(95));
        memory.Remove(fork);
        Assert.Equal((100, 100), (memory.Free, memory.FreeAfterEvictions));
    }

    [Fact]
    public void The_cache_keeps_the_most_recent_and_drops_what_a_longer_one_covers()
    {
        var memory = Create(maxCached: 2);
        memory.Keep(Filled(memory, 3, from: 1), step: 1);
        memory.Keep(Filled(memory, 5, from: 1), step: 2);
        Assert.Single(memory.Cached);
        memory.Keep(Filled(memory, 4, from: 50), step: 3);
        memory.Keep(Filled(memory, 4, from: 60), step: 4);
        Assert.Equal([3L, 4L], memory.Cached.Select(s => s.LastUsed));
    }

    [Fact]
    public void Lanes_come_from_their_own_share_and_go_back()
    {
        var memory = Create(maxCached: 2, lanes: 3);
        var sequence = Filled(memory, 4);
        memory.AttachLanes(sequence, 10);
        Assert.Equal((4, 0), (sequence.Lanes.Count, memory.LanesLeft));
        Assert.Equal(96, memory.Free);
        memory.ReleaseLanes(sequence, 2);
        Assert.Equal((2, 2), (sequence.Lanes.Count, memory.LanesLeft));
        memory.Remove(sequence);
        Assert.Equal(3, memory.LanesLeft);
    }

    private static KvMemory Create(int maxCached, int lanes = 0) =>
        new(new ScriptedModel().CreateContext(new ContextOptions { Capacity = 100, MaxSequences = 10 }), maxCached, lanes);

    private static KvSequence Filled(KvMemory memory, int length, int from = 1)
    {
        var sequence = memory.Create();
        for (var i = 0; i < length; i++)
        {
            memory.Append(sequence, from + i);
        }

        return sequence;
    }
}
