namespace Connector.Decoding;

/// <summary>
/// One decoding thread's view of a model: a KV cache shared by numbered sequences, and the logits of the last batch.
/// Not thread-safe.
/// </summary>
/// <remarks>
/// A cached token belongs to a set of sequences and attends to the earlier tokens of its batch and of the cache that
/// share all of that set's first member, so a draft tree is one batch in which every node carries the sequences of
/// the leaves below it.
/// </remarks>
public interface IModelContext : IDisposable
{
    /// <summary>Tokens that all sequences can hold together; a token shared by several sequences counts once.</summary>
    int Capacity { get; }

    /// <summary>Sequence ids are 0 … <see cref="MaxSequences"/> − 1.</summary>
    int MaxSequences { get; }

    /// <summary>The most tokens of one batch.</summary>
    int MaxBatchTokens { get; }

    /// <summary>The most rows of one batch whose logits are asked for.</summary>
    int MaxOutputs { get; }

    /// <summary>What this model's memory allows; probed once when the context is made.</summary>
    MemoryCapabilities Memory { get; }

    /// <summary>
    /// What the time of a call depends on besides the model: threads, kernels, types. Measured times are kept apart by it. Default:
    /// nothing.
    /// </summary>
    string Conditions => "";

    /// <summary>Evaluates a batch and keeps the logits of its rows that ask for them until the next call.</summary>
    /// <exception cref="OutOfContextException">The cache has no room for the batch; nothing was changed.</exception>
    /// <exception cref="ModelEvaluationException">The evaluation failed; the cache may hold part of the batch.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the cache may hold part of the batch.</exception>
    void Evaluate(TokenBatch batch, CancellationToken cancellationToken = default);

    /// <summary>
    /// The logits, one per token of the vocabulary, that row <paramref name="row"/> of the last batch predicts for its
    /// next token. The span may be written to and is valid until the next <see cref="Evaluate"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The row did not ask for logits.</exception>
    Span<float> Logits(int row);

    /// <summary>
    /// The hidden state that the output head reads, for a row of a batch with <see cref="TokenBatch.WantsHidden"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The last batch did not ask for hidden states.</exception>
    ReadOnlySpan<float> Hidden(int row);

    /// <summary>Adds the tokens of <paramref name="source"/> at positions [start, end) to <paramref name="target"/> too; −1 as end: all.</summary>
    void CopySequence(int source, int target, int start = 0, int end = -1);

    /// <summary>
    /// Removes the tokens of a sequence at positions [start, end) from that sequence; −1 as end: all from start on.
    /// False where the memory cannot (see <see cref="Memory"/>); then nothing was changed.
    /// </summary>
    bool Truncate(int sequence, int start, int end = -1);

    /// <summary>Adds <paramref name="delta"/> to the positions [start, end) of a sequence; needs <see cref="MemoryCapabilities.Shift"/>.</summary>
    void ShiftPositions(int sequence, int start, int end, int delta);

    /// <summary>Writes the state of a sequence, so that <see cref="LoadSequence"/> of the same model continues it.</summary>
    void SaveSequence(int sequence, Stream target);

    /// <summary>Replaces a sequence's state by a saved one.</summary>
    /// <exception cref="InvalidDataException">The data does not fit this model and context.</exception>
    void LoadSequence(int sequence, Stream source);
}

/// <summary>What the memory of a model allows beyond appending tokens.</summary>
[Flags]
public enum MemoryCapabilities
{
    /// <summary>Append and clear only, as recurrent memories without snapshots.</summary>
    None = 0,

    /// <summary>The end of a sequence can be cut off (<see cref="IModelContext.Truncate"/>).</summary>
    Rewind = 1,

    /// <summary>A batch may be a tree: sequences share cells and are separated again.</summary>
    Tree = 2,

    /// <summary>Positions can be shifted, as a rolling window needs.</summary>
    Shift = 4,

    /// <summary>Part of a sequence can be copied; without it a copy takes the whole sequence.</summary>
    PartialCopy = 8,

    /// <summary>Everything: an ordinary attention cache.</summary>
    All = Rewind | Tree | Shift | PartialCopy,
}
