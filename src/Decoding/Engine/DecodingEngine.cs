using Connector.Decoding.Sampling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connector.Decoding.Engine;

/// <summary>
/// Serves many requests with one model: every step is one call of the model over all of them (continuous batching, Yu et al. 2022), prompts share steps
/// with running answers, and what the KV cache already holds is not computed again. The text of a request depends on its prompt, options and
/// seed, never on what else runs (up to the model's own rounding between batch shapes; see <see cref="EngineOptions.ExactMode"/>).
/// Thread-safe. Metrics come from the meter "Connector.Decoding".
/// </summary>
public sealed class DecodingEngine : IDisposable, IAsyncDisposable
{
    private readonly EngineLoop _loop;
    private readonly WakeSignal _wake = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _disposal = new();
    private readonly Thread? _thread;
    private volatile int _isDisposed;

    /// <summary>Makes an engine with a context and a thread of its own.</summary>
    /// <param name="model">The model; must outlive the engine, which does not dispose it.</param>
    /// <param name="options">Sizes and limits. Null: the defaults.</param>
    /// <param name="time">The clock. Null: the system's.</param>
    /// <param name="logger">Where failures are told. Null: nowhere.</param>
    /// <exception cref="ArgumentException">Some options are out of range; the message names every one.</exception>
    public DecodingEngine(ILanguageModel model, EngineOptions? options = null, TimeProvider? time = null, ILogger? logger = null)
        : this(model, options ?? new EngineOptions(), time ?? TimeProvider.System, logger ?? NullLogger.Instance, ownThread: true)
    {
    }

    /// <summary>Without a thread: a test calls <see cref="Step"/>.</summary>
    internal DecodingEngine(ILanguageModel model, EngineOptions options, TimeProvider time, ILogger logger, bool ownThread)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var faults = string.Join("; ", options.Faults());
        if (faults.Length > 0)
        {
            throw new ArgumentException($"Engine options are out of range: {faults}.", nameof(options));
        }

        _loop = new EngineLoop(model, options, time, logger);
        Prefixes = new EnginePrefixes(_loop, _wake.Set);
        try
        {
            EngineLog.Started(logger, model.Name, _loop.Context.Capacity, _loop.Slots, _loop.Context.Memory, DraftShape());
            if (ownThread)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = $"Connector decoding ({model.Name})" };
                _thread.Start();
            }
        }
        catch
        {
            _loop.Dispose();
            throw;
        }
    }

    /// <summary>The model.</summary>
    public ILanguageModel Model => _loop.Model;

    /// <summary>Tokens that the context of one request can hold, prompt and answer.</summary>
    public int ContextTokens => _loop.Limits.ContextTokens;

    /// <summary>What the model's memory allows; where it lacks something the text is the same, only slower.</summary>
    public MemoryCapabilities Memory => _loop.Context.Memory;

    /// <summary>Pinned prefixes, and saving and restoring of conversations.</summary>
    public EnginePrefixes Prefixes { get; }

    /// <summary>Requests that wait for a slot.</summary>
    public int QueueLength => _loop.Queue.Count;

    /// <summary>Requests that have a slot.</summary>
    public int ActiveCount => _loop.ActiveCount;

    /// <summary>The engine's parts, for tests.</summary>
    internal EngineLoop Loop => _loop;

    /// <summary>Queues a request and returns at once.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="cancellationToken">Cancels it at any time: reading throws, and its slot is free within one step.</param>
    /// <exception cref="ArgumentException">A part of the request is out of range; the message names it.</exception>
    /// <exception cref="PromptTooLongException">The prompt does not fit the context, and nothing of it may be dropped.</exception>
    /// <exception cref="NotSupportedException">The model's memory cannot do what <see cref="GenerationRequest.Overflow"/> asks.</exception>
    /// <exception cref="EngineBusyException">The queue is full.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public Generation Submit(GenerationRequest request, CancellationToken cancellationToken = default) =>
        Submit(request, 1, cancellationToken)[0];

    /// <summary>
    /// Queues several completions of one prompt, which is evaluated once. The first is what <see cref="Submit(GenerationRequest, CancellationToken)"/> would
    /// give; the others have seeds derived from the request's. All get in, or none.
    /// </summary>
    /// <inheritdoc cref="Submit(GenerationRequest, CancellationToken)"/>
    /// <param name="request">What to generate.</param>
    /// <param name="completions">How many, at least 1 and at most what queue and slots hold together.</param>
    /// <param name="cancellationToken">Cancels all of them.</param>
    public IReadOnlyList<Generation> Submit(GenerationRequest request, int completions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(completions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(completions, _loop.Options.MaxQueued + _loop.Slots);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        RequestValidation.ThrowIfInvalid(request, _loop.Options, _loop.Limits, Memory);
        var requests = new EngineRequest[completions];
        for (var i = 0; i < completions; i++)
        {
            requests[i] = _loop.CreateRequest(i == 0 ? request : request with { Sampling = WithSeed(request.Sampling, i) }, _wake.Set, cancellationToken);
        }

        _loop.Queue.Enqueue(requests);
        foreach (var queued in requests)
        {
            queued.Output.WakeWhenCancelled();
        }

        _wake.Set();
        return [.. requests.Select(r => r.Output)];
    }

    /// <summary>Aborts all requests, as <see cref="DisposeAsync(bool, CancellationToken)"/> without draining, and waits for the end of the thread.</summary>
    public void Dispose()
    {
        BeginEnd(drain: false);
        _thread?.Join();
        Release();
    }

    /// <summary>Aborts all requests.</summary>
    public ValueTask DisposeAsync() => DisposeAsync(drain: false);

    /// <summary>Ends the engine. New requests are refused at once.</summary>
    /// <param name="drain">Whether requests that run or wait are finished first; otherwise reading them throws <see cref="ObjectDisposedException"/>.</param>
    /// <param name="cancellationToken">Stops draining and aborts what is left.</param>
    public async ValueTask DisposeAsync(bool drain, CancellationToken cancellationToken = default)
    {
        BeginEnd(drain);
        if (_thread is not null && _isDisposed != 2)
        {
            var registration = cancellationToken.UnsafeRegister(static engine => ((DecodingEngine)engine!).BeginEnd(drain: false), this);
            await using (registration.ConfigureAwait(false))
            {
                await _ended.Task.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }

        Release();
    }

    /// <summary>One step, on the caller's thread; false when there was nothing to do.</summary>
    internal bool Step() => _loop.Step(_abort.Token);

    private static SamplingOptions WithSeed(SamplingOptions sampling, int completion) =>
        sampling with { Seed = GumbelNoise.Mix(sampling.Seed + ((ulong)completion * 0x9E3779B97F4A7C15)) };

    private string DraftShape() => !_loop.Drafts.IsActive || !_loop.CanRewind ? "off" : _loop.CanBranch ? "trees" : "chains";

    private void Run()
    {
        var lateCheck = _loop.Options.QueueTimeout is null ? Timeout.Infinite : 20;
        try
        {
            while (!_abort.IsCancellationRequested)
            {
                if (!_loop.Step(_abort.Token))
                {
                    if (_isDisposed != 0 && _loop.IsIdle)
                    {
                        break;
                    }

                    _wake.Wait(_loop.Queue.Count > 0 ? lateCheck : Timeout.Infinite);
                }
            }

            EndAll();
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            EndAll();
        }
        catch (Exception cause)
        {
            // The context could not be rebuilt, or the engine itself is at fault: nobody may wait for it in vain.
            EngineLog.EngineFailed(_loop.Logger, cause);
            _loop.Queue.Close(cause);
            _loop.FailAll(cause);
        }
        finally
        {
            _ended.SetResult();
        }
    }

    private void EndAll() => _loop.FailAll(new ObjectDisposedException(nameof(DecodingEngine)));

    private void BeginEnd(bool drain)
    {
        // One disposal may have come to its end while another begins or gives up draining.
        lock (_disposal)
        {
            if (_isDisposed == 2)
            {
                return;
            }

            _isDisposed = 1;
            _loop.Queue.Close(new ObjectDisposedException(nameof(DecodingEngine)));
            if (!drain)
            {
                _abort.Cancel();
            }
        }

        _wake.Set();
    }

    private void Release()
    {
        lock (_disposal)
        {
            if (_isDisposed == 2)
            {
                return;
            }

            _isDisposed = 2;
            if (_thread is null)
            {
                EndAll();
            }

            _loop.Dispose();
            _abort.Dispose();
        }
    }
}
