using System.Runtime.CompilerServices;
using Connector.Decoding;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>A context of a <see cref="LlamaModel"/>. Not thread-safe. Keeps the model's weights alive until it is disposed.</summary>
public sealed unsafe class LlamaContext : IModelContext
{
    private readonly ContextHandle _handle;
    private readonly SequenceMemory _memory;
    private readonly int _vocabularySize;
    private readonly int _hiddenWidth;
    private readonly byte[] _fingerprint;
    private readonly NativeBatch _batch;
    private readonly bool[] _hasLogits;
    private readonly AbortSignal _abort;
    private int _rows;
    private bool _hasHidden;

    internal LlamaContext(LlamaModel model, ContextHandle handle, LlamaContextOptions options, MemoryCapabilities memory, byte[] fingerprint)
    {
        _handle = handle;
        _memory = options.ExactMode && memory.HasFlag(MemoryCapabilities.PartialCopy) ? new OrderedMemory(handle, options.MaxSequences) : new SequenceMemory(handle);
        _vocabularySize = model.Vocabulary.Count;
        _hiddenWidth = model.EmbeddingWidth;
        _fingerprint = fingerprint;
        Capacity = (int)Llama.ContextCapacity(handle);
        MaxSequences = options.MaxSequences;
        MaxBatchTokens = (int)Llama.BatchCapacity(handle);
        MaxOutputs = Math.Min(options.MaxOutputs, MaxBatchTokens);
        Memory = memory;
        _batch = new NativeBatch(MaxBatchTokens);
        _hasLogits = new bool[MaxBatchTokens];
        _abort = new AbortSignal(handle);
    }

    internal ContextHandle Handle => _handle;

    /// <inheritdoc/>
    public int Capacity { get; }

    /// <inheritdoc/>
    public int MaxSequences { get; }

    /// <inheritdoc/>
    public int MaxBatchTokens { get; }

    /// <inheritdoc/>
    public int MaxOutputs { get; }

    /// <inheritdoc/>
    public MemoryCapabilities Memory { get; }

    /// <inheritdoc/>
    /// <remarks>The processor's features that the loaded backend uses are among them.</remarks>
    public string Conditions { get; internal init; } = "";

    /// <inheritdoc/>
    /// <remarks>Cancellation interrupts a computation on the processor; one on a GPU runs to its end first.</remarks>
    /// <exception cref="ArgumentException">The batch is empty, larger than this context takes, or names a sequence that it does not have.</exception>
    public void Evaluate(TokenBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        Check(batch);
        _rows = 0;
        if (batch.WantsHidden != _hasHidden)
        {
            Llama.SetEmbeddings(_handle, batch.WantsHidden);
            _hasHidden = batch.WantsHidden;
        }

        _memory.Prepare();
        NativeLog.ClearError();
        _abort.Token = cancellationToken;
        var status = _batch.Decode(_handle, batch);
        if (status == DecodeStatus.NoRoom && _memory.MakeRoom())
        {
            status = _batch.Decode(_handle, batch);
        }

        _abort.Token = CancellationToken.None;
        if (status != DecodeStatus.Success)
        {
            if (DecodeStatus.LeavesParts(status))
            {
                _memory.Interrupted(batch);
            }

            throw DecodeStatus.Error(status, batch, Capacity, cancellationToken);
        }

        _memory.Append(batch);
        _rows = batch.Count;
        batch.WantsLogits.CopyTo(_hasLogits);
    }

    // libllama ends the process where a batch is larger than what the context was made for.
    private void Check(TokenBatch batch)
    {
        if (batch.Count == 0 || batch.Count > MaxBatchTokens)
        {
            throw new ArgumentException($"The batch has {batch.Count} tokens; this context takes 1 to {MaxBatchTokens}.", nameof(batch));
        }

        var outputs = batch.WantsHidden ? batch.Count : batch.OutputCount;
        if (outputs > MaxOutputs)
        {
            throw new ArgumentException($"The batch asks for {outputs} outputs; this context gives {MaxOutputs}.", nameof(batch));
        }

        for (var row = 0; row < batch.Count; row++)
        {
            foreach (var sequence in batch.Sequences(row))
            {
                if ((uint)sequence >= (uint)MaxSequences)
                {
                    throw new ArgumentException($"Row {row} of the batch belongs to sequence {sequence}; this context has {MaxSequences}.", nameof(batch));
                }
            }
        }
    }

    /// <inheritdoc/>
    public Span<float> Logits(int row)
    {
        if ((uint)row >= (uint)_rows || !_hasLogits[row])
        {
            ThrowIfDisposed();
            throw new ArgumentException($"Row {row} of the last batch did not ask for logits.", nameof(row));
        }

        var logits = Llama.GetLogits(_handle, row);
        return logits != null
            ? new Span<float>(logits, _vocabularySize)
            : throw new ModelEvaluationException($"There are no logits for row {row}.{NativeLog.DescribeError()}");
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Hidden(int row)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)_rows, nameof(row));
        if (!_hasHidden)
        {
            throw new InvalidOperationException("The last batch did not ask for hidden states.");
        }

        var hidden = Llama.GetEmbeddings(_handle, row);
        return hidden != null
            ? new ReadOnlySpan<float>(hidden, _hiddenWidth)
            : throw new ModelEvaluationException($"There is no hidden state for row {row}.{NativeLog.DescribeError()}");
    }

    /// <inheritdoc/>
    public void CopySequence(int source, int target, int start = 0, int end = -1)
    {
        CheckSequence(source);
        CheckSequence(target);
        if (!Memory.HasFlag(MemoryCapabilities.PartialCopy) && (start > 0 || end >= 0))
        {
            throw new InvalidOperationException("This model's memory copies whole sequences only.");
        }

        _memory.Copy(source, target, start, end);
    }

    /// <inheritdoc/>
    public bool Truncate(int sequence, int start, int end = -1)
    {
        CheckSequence(sequence);
        return _memory.Truncate(sequence, start, end);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The model's memory cannot shift positions.</exception>
    public void ShiftPositions(int sequence, int start, int end, int delta)
    {
        CheckSequence(sequence);
        if (!Memory.HasFlag(MemoryCapabilities.Shift))
        {
            throw new InvalidOperationException("This model's memory cannot shift positions.");
        }

        _memory.Shift(sequence, start, end, delta);
    }

    /// <inheritdoc/>
    public void SaveSequence(int sequence, Stream target)
    {
        ArgumentNullException.ThrowIfNull(target);
        CheckSequence(sequence);
        SequenceState.Save(_memory, sequence, _fingerprint, target);
    }

    /// <inheritdoc/>
    public void LoadSequence(int sequence, Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        CheckSequence(sequence);
        SequenceState.Load(_memory, sequence, _fingerprint, source);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows = 0;
        _handle.Dispose();
        _abort.Dispose();
    }

    private void CheckSequence(int sequence, [CallerArgumentExpression(nameof(sequence))] string? name = null)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sequence, (uint)MaxSequences, name);
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
}
