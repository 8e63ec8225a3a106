namespace Connector.Decoding.Engine;

/// <summary>Who has a slot: takes requests in, resumes them, ends what is cancelled or late, and lets readers that are far behind wait.</summary>
internal sealed class Scheduler(EngineLoop loop)
{
    /// <summary>A prompt beginning shorter than this is evaluated again rather than waited for.</summary>
    private const int WorthWaitingFor = 16;

    /// <summary>A slot yields above the first lead over its reader, in seconds, and is wanted back below the second.</summary>
    private const double YieldLead = 2;
    private const double ResumeLead = 0.5;

    private readonly List<EngineRequest> _parked = [];
    private readonly List<EngineRequest> _ended = [];
    private long _tickets;

    /// <summary>Brings the set of running requests up to date.</summary>
    public void Admit()
    {
        while (loop.Queue.TryTakeOrder(out var order))
        {
            Run(order);
        }

        EndCancelled();
        ParkAheadOfReader();
        while (loop.Running.Count < loop.Slots && Next() is { } next && Fits(next))
        {
            Start(next);
        }

        // Only who got no slot is late: a step may have taken longer than the timeout while a slot was free.
        EndLate();
        loop.Queue.SetRunning(loop.Running.Count);
    }

    /// <summary>Where several requests run, the latest loses slot and cells and is next in the queue.</summary>
    public EngineRequest? LatestGivesWay()
    {
        if (loop.Running.Count < 2)
        {
            return null;
        }

        var latest = loop.Running[0];
        foreach (var request in loop.Running)
        {
            latest = request.Ticket > latest.Ticket ? request : latest;
        }

        loop.GiveWay(latest);
        loop.Queue.EnqueueFirst(latest);
        return latest;
    }

    /// <summary>Requests that let their readers catch up.</summary>
    public int ParkedCount => _parked.Count;

    /// <summary>Gives the parked requests away, for when the engine ends.</summary>
    public EngineRequest[] TakeParked()
    {
        EngineRequest[] parked = [.. _parked];
        _parked.Clear();
        return parked;
    }

    /// <summary>Gives a request its KV sequence, with as much of its context as some other sequence already has.</summary>
    public void Attach(EngineRequest request)
    {
        // The last token is always evaluated: its logits are wanted.
        request.WaitsFor = null;
        var wanted = request.Context[..^1];
        var best = request.IsPrivate ? default : LongestPrefix(wanted);
        if (best.Source is null)
        {
            request.Memory = loop.Memory.Create();
            request.Memory.IsPrivate = request.IsPrivate;
        }
        else if (best.Length == best.Source.Length && best.Source is { Pins: 0, IsHeld: false })
        {
            loop.Memory.Reopen(best.Source);
            request.Memory = best.Source;
        }
        else
        {
            best.Source.LastUsed = loop.StepCount;
            request.Memory = loop.Memory.Fork(best.Source, best.Length);
        }

        if (!request.HasStarted)
        {
            request.HasStarted = true;
            request.Output.Counts.Cached = best.Length;
            loop.Metrics.Started(request.Request.Prompt.Length, best.Length);
            loop.Drafts.Begin(request.Draft);
        }
    }

    private static void Run(EngineOrder order)
    {
        try
        {
            order.Run();
        }
        catch (Exception cause)
        {
            order.Fail(cause);
        }
    }

    private (KvSequence? Source, int Length) LongestPrefix(ReadOnlySpan<int> wanted)
    {
        var best = loop.Memory.LongestCachedPrefix(wanted);
        foreach (var other in loop.Running)
        {
            if (other.Memory is not null)
            {
                best = loop.Memory.Longer(best, other.Memory, wanted);
            }
        }

        return best;
    }

    private void EndCancelled()
    {
        for (var i = loop.Running.Count - 1; i >= 0; i--)
        {
            var request = loop.Running[i];
            if (request.Output.IsCancelled)
            {
                request.Output.FailCancelled();
                loop.End(request);
            }
        }

        _ended.Clear();
        if (loop.Queue.Count > 0)
        {
            loop.Queue.RemoveWhere(static r => r.Output.IsCancelled, _ended);
        }

        for (var i = _parked.Count - 1; i >= 0; i--)
        {
            if (_parked[i].Output.IsCancelled)
            {
                _ended.Add(_parked[i]);
                _parked.RemoveAt(i);
            }
        }

        foreach (var request in _ended)
        {
            request.Output.FailCancelled();
            if (request.HasStarted)
            {
                loop.Drafts.End(request.Draft);
            }
        }
    }

    private void EndLate()
    {
        if (loop.Options.QueueTimeout is null || loop.Queue.Count == 0)
        {
            return;
        }

        _ended.Clear();
        loop.Queue.RemoveWhere(IsLate, _ended);
        foreach (var request in _ended)
        {
            request.Output.Fail(new TimeoutException($"The request waited longer than {loop.Options.QueueTimeout} for a slot."));
        }
    }

    private bool IsLate(EngineRequest request) =>
        request is { HasStarted: false, IsReload: false } && loop.Time.GetElapsedTime(request.Submitted) > loop.Options.QueueTimeout;

    /// <summary>Who gets the next free slot: a parked request whose reader has nearly caught up, else the queue's first, else any parked one.</summary>
    private EngineRequest? Next()
    {
        if (_parked.Count == 0)
        {
            return loop.Queue.Peek();
        }

        var due = _parked[0];
        foreach (var request in _parked)
        {
            due = Lead(request) < Lead(due) ? request : due;
        }

        return Lead(due) < ResumeLead ? due : loop.Queue.Peek() ?? due;
    }

    /// <summary>
    /// Whether the pool holds what the request and the prompts still under way need, so that it need not soon give way again. Alone, it may try.
    /// </summary>
    private bool Fits(EngineRequest request)
    {
        if (loop.Running.Count == 0)
        {
            return true;
        }

        // What running and pinned sequences hold is not free anyhow, and sharing it costs nothing; what is only cached counts as free.
        var shared = request.IsPrivate ? 0 : loop.Memory.LongestPinnedPrefix(request.Context[..^1]);
        var needed = Math.Min(request.Context.Length, request.ContextLimit) - Math.Max(shared, LongestRunningPrefix(request).Length);
        foreach (var other in loop.Running)
        {
            needed += other.WaitsFor is null ? Math.Min(other.Pending, other.ContextLimit) : 1;
        }

        return needed + (loop.Running.Count * 4) <= loop.Memory.FreeAfterEvictions;
    }

    private void Start(EngineRequest request)
    {
        if (!_parked.Remove(request))
        {
            loop.Queue.RemoveFirst();
        }

        request.Ticket = request.HasStarted ? request.Ticket : ++_tickets;
        if (!ContextRoom.Ensure(request, loop.Memory))
        {
            loop.EndUnstarted(request);
            return;
        }

        var running = LongestRunningPrefix(request);
        loop.Running.Add(request);
        if (running.Length >= WorthWaitingFor && running.Length - loop.Memory.LongestCachedPrefix(request.Context[..^1]).Length >= WorthWaitingFor)
        {
            (request.WaitsFor, request.WaitsForLength) = (running.Request, running.Length);
        }
        else
        {
            Attach(request);
        }
    }

    /// <summary>The running request whose context, evaluated or soon to be, begins most like this one's.</summary>
    private (EngineRequest? Request, int Length) LongestRunningPrefix(EngineRequest request)
    {
        (EngineRequest? Request, int Length) best = (null, 0);
        if (request.IsPrivate || !loop.Context.Memory.HasFlag(MemoryCapabilities.PartialCopy))
        {
            return best;
        }

        foreach (var other in loop.Running)
        {
            // A request that generates may be paused by its reader: only what it has evaluated is certain to come.
            var certain = other.Pending == 1 ? other.Evaluated : Math.Min(other.Context.Length - 1, other.ContextLimit);
            var length = Math.Min(request.Context[..^1].CommonPrefixLength(other.Context), certain);
            if (length > best.Length && other.Memory is null or { IsShareable: true } && !other.IsPrivate)
            {
                best = (other, length);
            }
        }

        return best;
    }

    private void ParkAheadOfReader()
    {
        if (loop.Running.Count < loop.Slots || (loop.Queue.Count == 0 && !IsParkedOneDue()))
        {
            return;
        }

        EngineRequest? ahead = null;
        foreach (var request in loop.Running)
        {
            if (request is { Pending: 1, Memory.IsPure: true } && (ahead is null || Lead(request) > Lead(ahead)))
            {
                ahead = request;
            }
        }

        if (ahead is not null && Lead(ahead) > YieldLead)
        {
            loop.GiveWay(ahead);
            _parked.Add(ahead);
        }
    }

    private bool IsParkedOneDue()
    {
        foreach (var request in _parked)
        {
            if (Lead(request) < ResumeLead)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Seconds of reading that the tokens so far are ahead of the reader; below zero without a pace.</summary>
    private double Lead(EngineRequest request) => request.Request.Pace is not { } pace || request.FirstTokenAt == 0
        ? -1
        : (request.History.GeneratedCount / pace) - loop.Time.GetElapsedTime(request.FirstTokenAt).TotalSeconds;
}
