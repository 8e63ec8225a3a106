namespace Connector.Decoding.Engine;

/// <summary>
/// What an engine keeps in its KV cache on purpose: pinned prefixes and saved conversations. The rest of the cache looks after itself. Thread-safe.
/// </summary>
public sealed class EnginePrefixes
{
    private readonly EngineLoop _loop;
    private readonly Action _wake;

    internal EnginePrefixes(EngineLoop loop, Action wake) => (_loop, _wake) = (loop, wake);

    /// <summary>
    /// Evaluates a prefix, such as a system prompt, and keeps it until the result is disposed: it is never evicted, and comes back when the context has
    /// to be rebuilt, unless evaluating it again fails three times in a row, which is logged.
    /// </summary>
    /// <param name="tokens">The prefix.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <exception cref="ArgumentException">The prefix is empty or longer than a context.</exception>
    /// <exception cref="InvalidOperationException">As many prefixes are pinned as the engine caches sequences.</exception>
    /// <exception cref="EngineBusyException">The queue is full.</exception>
    public async Task<PinnedPrefix> PinAsync(ReadOnlyMemory<int> tokens, CancellationToken cancellationToken = default)
    {
        var pin = new PinnedPrefixes.Pin(tokens.ToArray());
        var release = () => Order(new EngineOrder(() => _loop.Pins.Remove(pin, _loop.Memory), static _ => { }));
        try
        {
            await PrefillAsync(pin.Tokens, sequence => _loop.Pins.Add(pin, sequence, _loop.Options.MaxCachedSequences), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // A cancellation is told at once, but the step under way may still pin the prefix, which nobody could release then.
            release();
            throw;
        }

        return new PinnedPrefix(tokens.Length, release);
    }

    /// <summary>
    /// Saves the KV state of a conversation, with its tokens, the model's name, the vocabulary's hash, a version and a checksum. What is not in the cache any
    /// more is evaluated first.
    /// </summary>
    /// <param name="tokens">The conversation so far, prompts and answers.</param>
    /// <param name="target">Where to; written to after the state was copied, so that a slow target does not hold up the engine.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="ArgumentException">There are no tokens, or more than a context holds.</exception>
    /// <exception cref="EngineBusyException">The queue is full.</exception>
    public async Task SaveAsync(ReadOnlyMemory<int> tokens, Stream target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var state = new ChunkedBuffer();
        await using (state.ConfigureAwait(false))
        {
            await PrefillAsync(tokens.ToArray(), sequence => _loop.Context.SaveSequence(sequence.Id, state), cancellationToken).ConfigureAwait(false);
            await KvStateFile.WriteAsync(target, _loop.Model, tokens, state, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Puts a saved conversation into the prefix cache, where the next request that begins with it finds it.</summary>
    /// <returns>The conversation's tokens.</returns>
    /// <exception cref="InvalidDataException">The data is damaged, or of another model, vocabulary or version; the message says which.</exception>
    /// <exception cref="InvalidOperationException">The prefix cache is off.</exception>
    /// <exception cref="OutOfContextException">Running requests and pinned prefixes leave too little room.</exception>
    public async Task<int[]> RestoreAsync(Stream source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (_loop.Options.MaxCachedSequences == 0)
        {
            throw new InvalidOperationException($"{nameof(EngineOptions.MaxCachedSequences)} is 0: there is no prefix cache to restore into.");
        }

        var (tokens, state) = await KvStateFile.ReadAsync(source, _loop.Model, _loop.Limits.ContextTokens, cancellationToken).ConfigureAwait(false);
        await using (state.ConfigureAwait(false))
        {
            var restored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Order(new EngineOrder(
                () =>
                {
                    _loop.Memory.Load(tokens, state, _loop.StepCount);
                    restored.SetResult();
                },
                cause => restored.TrySetException(cause)));
            await restored.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return tokens;
    }

    private async Task PrefillAsync(int[] tokens, Action<KvSequence> prefilled, CancellationToken cancellationToken)
    {
        if (tokens.Length == 0 || tokens.Length > _loop.Limits.ContextTokens || tokens.Any(t => (uint)t >= (uint)_loop.Limits.Vocabulary.Count))
        {
            throw new ArgumentException($"There are {tokens.Length} tokens; a context holds 1 to {_loop.Limits.ContextTokens} of the vocabulary's.", nameof(tokens));
        }

        var request = _loop.CreatePrefill(tokens, prefilled, _wake, cancellationToken);
        _loop.Queue.Enqueue([request]);
        request.Output.WakeWhenCancelled();
        _wake();
        await foreach (var token in request.Output.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            throw new InvalidOperationException($"A prefill generated token {token.Token}.");
        }
    }

    private void Order(EngineOrder order)
    {
        _loop.Queue.Enqueue(order);
        _wake();
    }
}

/// <summary>A prefix that stays in the engine's KV cache until this is disposed.</summary>
public sealed class PinnedPrefix : IDisposable
{
    private Action? _release;

    internal PinnedPrefix(int length, Action release) => (Length, _release) = (length, release);

    /// <summary>Its tokens.</summary>
    public int Length { get; }

    /// <summary>Lets it go: it is then an ordinary cached prefix. After the engine's disposal nothing is left to do.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
