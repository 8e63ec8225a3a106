using Connector.Decoding.Sampling;
using Connector.Decoding.Speculation;
using Microsoft.Extensions.Logging;

namespace Connector.Decoding.Engine;

/// <summary>
/// The engine without its thread: one <see cref="Step"/> is one call of the model over all requests that can go on. Everything here runs on one
/// thread, except the queue.
/// </summary>
internal sealed class EngineLoop : IDisposable
{
    private readonly ILanguageModel _model;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StepTimeModel _stepTime = new();
    private readonly List<EngineRequest> _running = [];
    private readonly PinnedPrefixes _pins = new();
    private readonly StepPlanner _planner;
    private readonly StepCommitter _committer;
    private readonly GuardedPlanner _drafts;
    private TokenBatch _batch;

    public EngineLoop(ILanguageModel model, EngineOptions options, TimeProvider time, ILogger logger)
    {
        _model = model;
        _options = options;
        _time = time;
        _logger = logger;
        Context = model.CreateContext(options.ContextOptions());
        try
        {
            CanRewind = Context.Memory.HasFlag(MemoryCapabilities.Rewind);
            CanBranch = options.DraftLanes > 0 && Context.Memory.HasFlag(MemoryCapabilities.Tree | MemoryCapabilities.Rewind | MemoryCapabilities.PartialCopy);
            Slots = Math.Min(options.MaxSequences, Context.MaxSequences);
            Limits = new EngineLimits(
                model.Vocabulary,
                Math.Min(options.MaxContextPerRequest ?? model.TrainedContextLength, Context.Capacity),
                options.MaxGeneratedTokens ?? int.MaxValue);
            Queue = new AdmissionQueue(options.MaxQueued, Slots);
            Metrics = new EngineMetrics(model.Name, () => Queue.Count, () => ActiveCount);
            _drafts = new GuardedPlanner(options.Drafting?.Invoke(Context), logger);
            Memory = CreateMemory();
            _batch = new TokenBatch(Context.MaxBatchTokens);
            Scheduler = new Scheduler(this);
            _planner = new StepPlanner(this);
            _committer = new StepCommitter(this);
        }
        catch
        {
            // A planner that cannot be made, for one: nobody else knows of the context, and the meter would keep this object alive.
            Metrics?.Dispose();
            _drafts?.Dispose();
            Context.Dispose();
            throw;
        }
    }

    public AdmissionQueue Queue { get; }

    public EngineLimits Limits { get; }

    public EngineMetrics Metrics { get; }

    public EngineOptions Options => _options;

    public TimeProvider Time => _time;

    public ILogger Logger => _logger;

    public ILanguageModel Model => _model;

    /// <summary>Requests that may run at once.</summary>
    public int Slots { get; }

    public IModelContext Context { get; private set; }

    public KvMemory Memory { get; private set; }

    public Scheduler Scheduler { get; }

    public List<EngineRequest> Running => _running;

    public PinnedPrefixes Pins => _pins;

    public GuardedPlanner Drafts => _drafts;

    public StepTimeModel StepTime => _stepTime;

    /// <summary>Steps so far: the clock of "least recently used".</summary>
    public long StepCount { get; private set; }

    /// <summary>Running requests, readable from any thread.</summary>
    public int ActiveCount { get; private set; }

    /// <summary>Whether no request is left.</summary>
    public bool IsIdle => _running.Count == 0 && Queue.Count == 0 && Scheduler.ParkedCount == 0;

    /// <summary>The most draft nodes of a tree, and the size of its arrays.</summary>
    public int MaxTreeNodes => _drafts.IsActive ? Math.Min(Context.MaxOutputs, 65) : 1;

    /// <summary>Whether memory and options allow draft branches.</summary>
    public bool CanBranch { get; }

    public bool CanRewind { get; }

    /// <summary>Does one step: admit → plan → evaluate → verify → commit → emit. False when there was nothing to evaluate.</summary>
    public bool Step(CancellationToken abort = default)
    {
        try
        {
            return Run(abort);
        }
        catch (Exception cause) when (!abort.IsCancellationRequested)
        {
            // Outside of the model's call nobody in particular is at fault, and the cache may hold anything.
            EngineLog.StepFailed(_logger, cause);
            FailRunning(cause);
            Rebuild();
            return true;
        }
    }

    private bool Run(CancellationToken abort)
    {
        StepCount++;
        Scheduler.Admit();
        var plan = _planner.Plan(_batch);
        ActiveCount = _running.Count;
        if (plan.Budget.PrefillRows > 0 || plan.Parts.Count < _running.Count)
        {
            // The next tokens will take a while: a prompt is evaluated first, or a request has no part in this step.
            HandOver(long.MaxValue);
        }

        if (plan.Parts.Count == 0)
        {
            return false;
        }

        if (Evaluate(plan, abort) is { } elapsed)
        {
            _committer.VerifyCommitAndEmit(plan, elapsed);
        }

        HandOver(Time.GetTimestamp() - (long)(Options.WakeInterval.TotalSeconds * Time.TimestampFrequency));

        return true;
    }

    /// <summary>Wakes the readers of requests whose tokens were last handed over at <paramref name="due"/> or before.</summary>
    private void HandOver(long due)
    {
        var now = Time.GetTimestamp();
        foreach (var request in _running)
        {
            if (request.Output.IsDue(due))
            {
                request.Output.HandOver(now);
            }
        }
    }

    /// <summary>Ends a running request and gives its slot free.</summary>
    public void End(EngineRequest request, bool memoryIsSound = true)
    {
        _running.Remove(request);
        Release(request, memoryIsSound);
        if (request.HasStarted)
        {
            _drafts.End(request.Draft);
        }

        ActiveCount = _running.Count;
        Queue.SetRunning(_running.Count);
    }

    public void Fail(EngineRequest request, Exception cause, bool memoryIsSound = true)
    {
        request.Output.Fail(cause);
        End(request, memoryIsSound);
    }

    /// <summary>Ends a request that was about to get a slot, for want of context.</summary>
    public void EndUnstarted(EngineRequest request)
    {
        if (request.HasStarted)
        {
            request.Output.Finish(FinishReason.ContextFull);
            _drafts.End(request.Draft);
        }
        else
        {
            request.Output.Fail(new PromptTooLongException(request.Context.Length, request.ContextLimit));
        }
    }

    /// <summary>Takes a running request's slot and KV sequence away; it is resumed with the same text.</summary>
    public void GiveWay(EngineRequest request)
    {
        request.Output.HandOver(Time.GetTimestamp());
        _running.Remove(request);
        foreach (var other in _running)
        {
            // It may come back before they are looked at again, and then wait for one of them.
            other.WaitsFor = other.WaitsFor == request ? null : other.WaitsFor;
        }

        Release(request, memoryIsSound: true);
        Queue.SetRunning(_running.Count);
    }

    /// <summary>Fails all requests, running or waiting, at the engine's end: what they held goes with the context.</summary>
    public void FailAll(Exception cause)
    {
        var all = new List<EngineRequest>(_running);
        _running.Clear();
        Queue.RemoveWhere(static _ => true, all);
        all.AddRange(Scheduler.TakeParked());
        while (Queue.TryTakeOrder(out var order))
        {
            order.Fail(cause);
        }

        foreach (var request in all)
        {
            request.Output.Fail(cause);
            if (request.HasStarted)
            {
                _drafts.End(request.Draft);
            }
        }
    }

    /// <summary>A new request, not yet in the queue.</summary>
    public EngineRequest CreateRequest(GenerationRequest request, Action wake, CancellationToken cancellation)
    {
        var history = new TokenHistory(request.Prompt.Span, Math.Min(request.MaxTokens ?? 256, 4096));
        var output = new Generation(request, Options.ReaderBuffer, wake, cancellation);
        output.Counts.Prompt = request.Prompt.Length;
        return new EngineRequest(request, output, history, Limits, Time.GetTimestamp()) { Draft = new DraftSequence(request, history, MaxTreeNodes) };
    }

    /// <summary>A request of the engine's own that evaluates tokens and leaves them in the prefix cache.</summary>
    public EngineRequest CreatePrefill(int[] tokens, Action<KvSequence> prefilled, Action wake, CancellationToken cancellation, bool isReload = false)
    {
        var request = new GenerationRequest { Prompt = tokens };
        var history = new TokenHistory(tokens);
        var output = new Generation(request, 1, wake, cancellation);
        return new EngineRequest(request, output, history, Limits, Time.GetTimestamp())
        {
            Draft = new DraftSequence(request, history, 1),
            Prefilled = prefilled,
            IsReload = isReload,
        };
    }

    public void Dispose()
    {
        Metrics.Dispose();
        _drafts.Dispose();
        Context.Dispose();
    }

    /// <summary>After a failure the cache may hold anything: a new context, with what was not at fault evaluated again.</summary>
    public void Rebuild()
    {
        foreach (var request in _running)
        {
            request.Memory = null;
            request.WaitsFor = null;
            request.RestoreContextIfRolled();
        }

        Context.Dispose();
        Context = _model.CreateContext(_options.ContextOptions());
        Memory = CreateMemory();
        _batch = new TokenBatch(Context.MaxBatchTokens);
        _pins.Reload(this);
    }

    private KvMemory CreateMemory() => new(Context, _options.MaxCachedSequences, CanBranch && _drafts.IsActive ? Math.Min(_options.DraftLanes, DraftRows.MaxLanes - 1) : 0);

    private void Release(EngineRequest request, bool memoryIsSound)
    {
        request.WaitsFor = null;
        if (request.Memory is { } memory)
        {
            request.Memory = null;
            if (memoryIsSound)
            {
                Memory.Keep(memory, StepCount);
            }
            else
            {
                Memory.Remove(memory);
            }
        }

        request.RestoreContextIfRolled();
    }

    private void FailRunning(Exception cause)
    {
        while (_running.Count > 0)
        {
            var request = _running[^1];
            request.Memory = null;
            Fail(request, cause);
        }
    }

    /// <summary>How long the call of the model took; null where it failed.</summary>
    private TimeSpan? Evaluate(StepPlan plan, CancellationToken abort)
    {
        var start = _time.GetTimestamp();
        try
        {
            Context.Evaluate(_batch, abort);
        }
        catch (OutOfContextException full)
        {
            GiveBackRoom(plan, full);
            return null;
        }
        catch (Exception cause) when (!abort.IsCancellationRequested)
        {
            EngineLog.EvaluationFailed(_logger, cause);
            foreach (var part in plan.Parts)
            {
                part.Request.Memory = null;
                Fail(part.Request, cause is ModelEvaluationException ? cause : new ModelEvaluationException("Evaluating a batch failed: " + cause.Message, cause));
            }

            Rebuild();
            return null;
        }

        var elapsed = _time.GetElapsedTime(start);
        _stepTime.Observe(plan.Budget.PrefillRows, plan.Answers, elapsed);
        Metrics.StepTime(elapsed);
        return elapsed;
    }

    /// <summary>The model found less room than the ledger: evict, then let the latest request wait, and only then fail.</summary>
    private void GiveBackRoom(StepPlan plan, OutOfContextException full)
    {
        if (Memory.EvictOldest())
        {
            return;
        }

        if (Scheduler.LatestGivesWay() is null)
        {
            Fail(plan.Parts[0].Request, full);
        }
    }
}
