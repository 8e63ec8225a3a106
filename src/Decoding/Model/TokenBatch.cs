using System.Diagnostics;

namespace Connector.Decoding;

/// <summary>
/// The tokens of one <see cref="IModelContext.Evaluate"/>, in flat arrays that are reused from step to step.
/// Row <c>i</c> is token <see cref="Tokens"/>[i] at <see cref="Positions"/>[i] of the sequences <see cref="Sequences"/>(i).
/// Not thread-safe.
/// </summary>
public sealed class TokenBatch
{
    private readonly int[] _tokens;
    private readonly int[] _positions;
    private readonly bool[] _wantsLogits;
    private readonly int[] _sequenceStarts;
    private int[] _sequences;

    /// <summary>Makes an empty batch.</summary>
    /// <param name="capacity">The most tokens it can hold.</param>
    public TokenBatch(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _tokens = new int[capacity];
        _positions = new int[capacity];
        _wantsLogits = new bool[capacity];
        _sequenceStarts = new int[capacity + 1];
        _sequences = new int[capacity];
    }

    /// <summary>Rows in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>The most rows it can hold.</summary>
    public int Capacity => _tokens.Length;

    /// <summary>Rows whose logits are asked for.</summary>
    public int OutputCount { get; private set; }

    /// <summary>Whether hidden states are wanted for every row. Off by default; costs memory traffic per row.</summary>
    public bool WantsHidden { get; set; }

    /// <summary>The tokens, one a row.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>The position of each row in its sequences.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, Count);

    /// <summary>Which rows ask for logits.</summary>
    public ReadOnlySpan<bool> WantsLogits => _wantsLogits.AsSpan(0, Count);

    /// <summary>The sequences that row <paramref name="row"/> belongs to; the first decides what the row attends to.</summary>
    public ReadOnlySpan<int> Sequences(int row) =>
        _sequences.AsSpan(_sequenceStarts[row], _sequenceStarts[row + 1] - _sequenceStarts[row]);

    /// <summary>Removes all rows.</summary>
    public void Clear()
    {
        Count = 0;
        OutputCount = 0;
        WantsHidden = false;
    }

    /// <summary>Adds a token of one sequence and returns its row.</summary>
    public int Add(int token, int position, int sequence, bool wantsLogits) =>
        Add(token, position, new ReadOnlySpan<int>(in sequence), wantsLogits);

    /// <summary>Adds a token that several sequences share and returns its row.</summary>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public int Add(int token, int position, ReadOnlySpan<int> sequences, bool wantsLogits)
    {
        Debug.Assert(!sequences.IsEmpty, "a token belongs to at least one sequence");
        if (Count == Capacity)
        {
            throw new InvalidOperationException($"The batch is full: it holds {Capacity} tokens.");
        }

        var row = Count++;
        _tokens[row] = token;
        _positions[row] = position;
        _wantsLogits[row] = wantsLogits;
        OutputCount += wantsLogits ? 1 : 0;
        var start = _sequenceStarts[row];
        if (start + sequences.Length > _sequences.Length)
        {
            Array.Resize(ref _sequences, Math.Max(_sequences.Length * 2, start + sequences.Length));
        }

        sequences.CopyTo(_sequences.AsSpan(start));
        _sequenceStarts[row + 1] = start + sequences.Length;
        return row;
    }
}
