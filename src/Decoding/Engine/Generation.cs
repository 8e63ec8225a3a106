using System.Threading.Channels;
using Connector.Decoding.Speculation;

namespace Connector.Decoding.Engine;

/// <summary>
/// An answer under way. Read it once, by <c>await foreach</c>; reading slowly pauses this request only, and leaving the loop early or disposing
/// ends it. Reading throws what made the request fail: <see cref="OperationCanceledException"/>, <see cref="TimeoutException"/> of the queue,
/// <see cref="ModelEvaluationException"/>, or <see cref="ObjectDisposedException"/> of the engine.
/// </summary>
public sealed class Generation : IAsyncEnumerable<GeneratedToken>, IAsyncDisposable
{
    private readonly Channel<GeneratedToken> _tokens;
    private readonly Queue<GeneratedToken> _held = new();
    private readonly int _buffer;
    private readonly Action _wake;
    private readonly CancellationToken _cancellation;
    private volatile bool _abandoned;
    private volatile bool _paused;
    private volatile bool _hasEnded;
    private CancellationTokenRegistration _registration;
    private int _finish = -1;
    private long _handedOver = long.MinValue;

    internal Generation(GenerationRequest request, int buffer, Action wake, CancellationToken cancellation)
    {
        // One writer, the engine, which looks for room before it writes; continuations must not run on its thread.
        _tokens = Channel.CreateBounded<GeneratedToken>(new BoundedChannelOptions(buffer)
        {
            SingleWriter = true,
            SingleReader = true,
            AllowSynchronousContinuations = false,
        });
        Request = request;
        _buffer = buffer;
        _wake = wake;
        _cancellation = cancellation;
    }

    /// <summary>What it answers; of several completions, with the seed of this one.</summary>
    public GenerationRequest Request { get; }

    /// <summary>What it has cost so far; final once reading has ended.</summary>
    public GenerationUsage Usage => Counts.Snapshot();

    /// <summary>Why it ended; null while it runs and where it failed.</summary>
    public FinishReason? FinishReason => Volatile.Read(ref _finish) is >= 0 and var reason ? (FinishReason)reason : null;

    internal UsageCounts Counts { get; } = new();

    /// <summary>Whether the caller does not want the rest.</summary>
    internal bool IsCancelled => _abandoned || _cancellation.IsCancellationRequested;

    /// <summary>Tokens that can be written before the reader must read.</summary>
    internal int Room => _buffer - _tokens.Reader.Count - _held.Count;

    /// <inheritdoc/>
    public async IAsyncEnumerator<GeneratedToken> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        // A cancelled request is told at once, not when the step under way is done.
        var cancelled = cancellationToken.CanBeCanceled ? cancellationToken : _cancellation;
        try
        {
            while (await _tokens.Reader.WaitToReadAsync(cancelled).ConfigureAwait(false))
            {
                while (TryRead(out var token))
                {
                    _cancellation.ThrowIfCancellationRequested();
                    yield return token;
                }
            }
        }
        finally
        {
            Abandon();
        }
    }

    /// <summary>Ends the request if it still runs: its slot is free within one step. Does not wait for that.</summary>
    public ValueTask DisposeAsync()
    {
        Abandon();
        return ValueTask.CompletedTask;
    }

    /// <summary>Takes a token that is there already, and wakes the engine where it waits for that.</summary>
    internal bool TryRead(out GeneratedToken token)
    {
        var read = _tokens.Reader.TryRead(out token);
        if (read && _paused)
        {
            _paused = false;
            _wake();
        }

        return read;
    }

    /// <summary>Whether the request has ended and all its tokens are read.</summary>
    internal bool IsReadToEnd => _tokens.Reader.Completion.IsCompleted;

    /// <summary>Why it failed, once it has.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Keeps a token for the next <see cref="HandOver(long)"/>.</summary>
    internal void Write(GeneratedToken token) => _held.Enqueue(token);

    /// <summary>
    /// Whether tokens are kept, and the last were handed over at <paramref name="time"/> or before or they fill half the reader's buffer: a reader
    /// who keeps up is not paused by tokens it has not been given.
    /// </summary>
    internal bool IsDue(long time) => _held.Count > 0 && (_handedOver <= time || _held.Count >= _buffer / 2);

    /// <summary>Gives the reader what was written since the last time, which wakes it.</summary>
    internal void HandOver(long now)
    {
        _handedOver = now;
        HandOver();
    }

    /// <summary>The engine has stopped planning this request until the reader reads.</summary>
    internal void Pause()
    {
        HandOver();
        _paused = true;
    }

    /// <summary>An engine that waits for something else is to notice a cancellation.</summary>
    internal void WakeWhenCancelled()
    {
        _registration = _cancellation.UnsafeRegister(static generation => ((Generation)generation!)._wake(), this);
        if (_hasEnded)
        {
            _registration.Unregister();
        }
    }

    internal void Finish(FinishReason reason)
    {
        Volatile.Write(ref _finish, (int)reason);
        End(null);
    }

    internal void Fail(Exception cause) => End(cause);

    internal void FailCancelled() =>
        Fail(_cancellation.IsCancellationRequested ? new OperationCanceledException(_cancellation) : new OperationCanceledException("The generation was abandoned."));

    private void End(Exception? cause)
    {
        HandOver();
        Failure = cause;
        _hasEnded = true;
        _registration.Unregister();
        _tokens.Writer.TryComplete(cause);
    }

    private void HandOver()
    {
        while (_held.TryDequeue(out var token))
        {
            if (!_tokens.Writer.TryWrite(token))
            {
                throw new InvalidOperationException("A token was generated for which the reader's buffer has no room.");
            }
        }
    }

    private void Abandon()
    {
        _abandoned = true;
        if (!_hasEnded)
        {
            _wake();
        }
    }
}

/// <summary>The engine's running counts of a request. Written by the engine's thread; a snapshot in between may mix two steps.</summary>
internal sealed class UsageCounts
{
    public int Prompt;
    public int Cached;
    public int Generated;
    public int Drafted;
    public int Accepted;
    public int Forced;
    public int Bonus;
    public int Steps;
    public TimeSpan TimeToFirstToken;
    public TimeSpan GenerationTime;
    public DraftUsage? Drafts;

    public GenerationUsage Snapshot() => new()
    {
        Prompt = Prompt,
        Cached = Cached,
        Generated = Generated,
        Drafted = Drafted,
        Accepted = Accepted,
        Forced = Forced,
        Bonus = Bonus,
        Steps = Steps,
        TimeToFirstToken = TimeToFirstToken,
        GenerationTime = GenerationTime,
        Sources = Drafts?.Snapshot() ?? [],
        Saved = Drafts?.Saved ?? TimeSpan.Zero,
    };
}
