using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Connector.Decoding;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>A context of a <see cref="LlamaModel"/>. Not thread-safe. Keeps the model's weights alive until it is disposed.</summary>
public sealed unsafe class LlamaContext : IModelContext
{
    private readonly ContextHandle _handle;
    private readonly nint _memory;
    private readonly int _vocabularySize;
    private readonly int _hiddenWidth;
    private readonly int[] _sequenceCounts;
    private readonly nint[] _sequencePointers;
    private readonly bool[] _hasLogits;
    private readonly byte[] _fingerprint;
    private readonly GCHandle _self;
    private CancellationToken _cancellation;
    private int _rows;
    private bool _hasHidden;

    internal LlamaContext(LlamaModel model, ContextHandle handle, LlamaContextOptions options, MemoryCapabilities memory, byte[] fingerprint)
    {
        _handle = handle;
        _memory = Llama.GetMemory(handle);
        _vocabularySize = model.Vocabulary.Count;
        _hiddenWidth = model.EmbeddingWidth;
        Capacity = (int)Llama.ContextCapacity(handle);
        MaxSequences = options.MaxSequences;
        MaxBatchTokens = (int)Llama.BatchCapacity(handle);
        MaxOutputs = Math.Min(options.MaxOutputs, MaxBatchTokens);
        Memory = memory;
        _fingerprint = fingerprint;
        _sequenceCounts = GC.AllocateUninitializedArray<int>(MaxBatchTokens, pinned: true);
        _sequencePointers = GC.AllocateUninitializedArray<nint>(MaxBatchTokens, pinned: true);
        _hasLogits = new bool[MaxBatchTokens];
        _self = GCHandle.Alloc(this, GCHandleType.Weak);
        Llama.SetAbortCallback(handle, &ShouldAbort, (void*)GCHandle.ToIntPtr(_self));
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
    /// <remarks>Cancellation interrupts a computation on the processor; one on a GPU runs to its end first.</remarks>
    public void Evaluate(TokenBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        CheckSize(batch);
        if (batch.WantsHidden != _hasHidden)
        {
            Llama.SetEmbeddings(_handle, batch.WantsHidden);
        }

        _rows = 0;
        _hasHidden = batch.WantsHidden;
        _cancellation = cancellationToken;
        var status = Decode(batch);
        _cancellation = CancellationToken.None;
        if (status != 0)
        {
            DecodeStatus.Throw(status, batch, Capacity, cancellationToken);
        }

        _rows = batch.Count;
        batch.WantsLogits.CopyTo(_hasLogits);
    }

    private int Decode(TokenBatch batch)
    {
        fixed (int* tokens = batch.Tokens)
        fixed (int* positions = batch.Positions)
        fixed (bool* outputs = batch.WantsLogits)
        fixed (int* sequences = batch.Sequences(0))
        {
            // The rows' sequences stand one after another in one array.
            var next = sequences;
            for (var row = 0; row < batch.Count; row++)
            {
                var count = batch.Sequences(row).Length;
                _sequenceCounts[row] = count;
                _sequencePointers[row] = (nint)next;
                next += count;
            }

            return Llama.Decode(_handle, new LlamaBatch
            {
                Count = batch.Count,
                Tokens = tokens,
                Positions = positions,
                SequenceCounts = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_sequenceCounts)),
                Sequences = (int**)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_sequencePointers)),
                WantsLogits = (byte*)outputs,
            });
        }
    }

    // libllama ends the process where a batch is larger than what the context was made for.
    private void CheckSize(TokenBatch batch)
    {
        if (batch.Count == 0)
        {
            throw new ArgumentException("The batch is empty.", nameof(batch));
        }

        if (batch.Count > MaxBatchTokens)
        {
            throw new ArgumentException($"The batch has {batch.Count} tokens; this context takes {MaxBatchTokens}.", nameof(batch));
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
                CheckSequence(sequence);
            }
        }
    }

    private void CheckSequence(int sequence, [CallerArgumentExpression(nameof(sequence))] string? name = null) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sequence, (uint)MaxSequences, name);

    /// <inheritdoc/>
    public Span<float> Logits(int row)
    {
        if ((uint)row >= (uint)_rows || !_hasLogits[row])
        {
            throw new ArgumentException($"Row {row} of the last batch did not ask for logits.", nameof(row));
        }

        var logits = Llama.GetLogits(_handle, row);
        return logits != null ? new Span<float>(logits, _vocabularySize) : throw new ModelEvaluationException($"There are no logits for row {row}.{NativeLog.DescribeError()}");
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Hidden(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)_rows, nameof(row));
        var hidden = _hasHidden ? Llama.GetEmbeddings(_handle, row) : throw new InvalidOperationException("The last batch did not ask for hidden states.");
        return hidden != null ? new ReadOnlySpan<float>(hidden, _hiddenWidth) : throw new ModelEvaluationException($"There is no hidden state for row {row}.{NativeLog.DescribeError()}");
    }

    /// <inheritdoc/>
    public void CopySequence(int source, int target, int start = 0, int end = -1)
    {
        ThrowIfDisposed();
        CheckSequence(source);
        CheckSequence(target);
        Llama.CopySequence(_memory, source, target, start, end);
    }

    /// <inheritdoc/>
    public bool Truncate(int sequence, int start, int end = -1)
    {
        ThrowIfDisposed();
        CheckSequence(sequence);
        return Llama.RemoveFromSequence(_memory, sequence, start, end);
    }

    /// <inheritdoc/>
    public void ShiftPositions(int sequence, int start, int end, int delta)
    {
        ThrowIfDisposed();
        CheckSequence(sequence);
        if (!Memory.HasFlag(MemoryCapabilities.Shift))
        {
            throw new InvalidOperationException("This model's memory cannot shift positions.");
        }

        Llama.ShiftSequence(_memory, sequence, start, end, delta);
    }

    /// <inheritdoc/>
    public void SaveSequence(int sequence, Stream target)
    {
        ArgumentNullException.ThrowIfNull(target);
        CheckSequence(sequence);
        SequenceState.Save(_handle, sequence, _fingerprint, target);
    }

    /// <inheritdoc/>
    public void LoadSequence(int sequence, Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        CheckSequence(sequence);
        SequenceState.Load(_handle, sequence, _fingerprint, source);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle.IsClosed)
        {
            return;
        }

        _handle.Dispose();
        _self.Free();
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_handle.IsClosed, this);

    // Called between the operations of a computation, by the thread that computes.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte ShouldAbort(void* data) =>
        GCHandle.FromIntPtr((nint)data).Target is LlamaContext context && context._cancellation.IsCancellationRequested ? (byte)1 : (byte)0;
}
