namespace Connector.Decoding.Tests.Engine;

/// <summary>
/// KV cells with sequence sets and positions, and the rules of libllama that an engine can break: positions of a sequence follow each other, sequences
/// that share a row stand at the same position, what the memory cannot do is refused.
/// </summary>
internal sealed class ScriptedContext(ScriptedModel model, ContextOptions options) : IModelContext
{
    private readonly List<Cell> _cells = [];
    private readonly Dictionary<int, float[]> _logits = [];
    private bool _isBroken;
    private bool _isDisposed;

    public int Capacity => options.Capacity ?? model.Capacity;

    public int MaxSequences => options.MaxSequences;

    public int MaxBatchTokens => options.MaxBatchTokens;

    public int MaxOutputs => options.MaxOutputs;

    public MemoryCapabilities Memory => model.Memory;

    public string Conditions => model.Conditions;

    public int UsedCells => _cells.Count;

    /// <summary>The tokens of a sequence by position.</summary>
    public int[] Tokens(int sequence) => [.. _cells.Where(c => c.Sequences.Contains(sequence)).OrderBy(c => c.Position).Select(c => c.Token)];

    public void Evaluate(TokenBatch batch, CancellationToken cancellationToken = default)
    {
        Require(!_isDisposed && !_isBroken, "a context is not used after disposal or failure");
        cancellationToken.ThrowIfCancellationRequested();
        Require(batch.Count > 0 && batch.Count <= MaxBatchTokens, "a batch is within its bounds");
        Require(batch.OutputCount <= MaxOutputs, "outputs are within their bounds");
        if (_cells.Count + batch.Count > Capacity)
        {
            throw new OutOfContextException($"{batch.Count} rows for {Capacity - _cells.Count} cells");
        }

        model.Evaluating?.Invoke(batch);
        var fault = model.Fault?.Invoke(model.Evaluations);
        model.Evaluations++;
        _logits.Clear();
        for (var row = 0; row < batch.Count; row++)
        {
            if (fault is not null && row >= batch.Count / 2)
            {
                _isBroken = true;
                throw fault;
            }

            Place(batch, row);
        }

    }

    public Span<float> Logits(int row) => _logits.TryGetValue(row, out var logits) ? logits : throw new ArgumentException($"Row {row} asked for no logits.", nameof(row));

    public ReadOnlySpan<float> Hidden(int row) => throw new InvalidOperationException("No hidden states.");

    public void CopySequence(int source, int target, int start = 0, int end = -1)
    {
        if (model.CopyFault is not null)
        {
            throw model.CopyFault;
        }

        CheckSequence(source);
        CheckSequence(target);
        Require(Memory.HasFlag(MemoryCapabilities.PartialCopy) || (start == 0 && end < 0), "only whole sequences are copied without PartialCopy");
        Require(!_cells.Exists(c => c.Sequences.Contains(target) && c.Position >= start && (end < 0 || c.Position < end)), "a copy does not overwrite");
        foreach (var cell in _cells.Where(c => c.Sequences.Contains(source) && c.Position >= start && (end < 0 || c.Position < end)))
        {
            cell.Sequences.Add(target);
        }
    }

    public bool Truncate(int sequence, int start, int end = -1)
    {
        CheckSequence(sequence);
        var removed = _cells.Where(c => c.Sequences.Contains(sequence) && c.Position >= start && (end < 0 || c.Position < end)).ToList();
        if (start > 0 && !Memory.HasFlag(MemoryCapabilities.Rewind) && removed.Count > 0)
        {
            return false;
        }

        foreach (var cell in removed)
        {
            cell.Sequences.Remove(sequence);
        }

        _cells.RemoveAll(c => c.Sequences.Count == 0);
        return true;
    }

    public void ShiftPositions(int sequence, int start, int end, int delta)
    {
        CheckSequence(sequence);
        Require(Memory.HasFlag(MemoryCapabilities.Shift), "positions are shifted only where the memory can");

        // A shared cell has one position: to shift it for one sequence would move it under the others.
        foreach (var cell in _cells.Where(c => c.Sequences.Contains(sequence) && c.Position >= start && c.Position < end))
        {
            Require(cell.Sequences.Count == 1, "a shared cell is not shifted");
            cell.Position += delta;
        }
    }

    public void SaveSequence(int sequence, Stream target)
    {
        using var writer = new BinaryWriter(target, System.Text.Encoding.UTF8, leaveOpen: true);
        var cells = _cells.Where(c => c.Sequences.Contains(sequence)).OrderBy(c => c.Position).ToList();
        writer.Write(cells.Count);
        foreach (var cell in cells)
        {
            writer.Write(cell.Token);
            writer.Write(cell.Position);
            writer.Write(cell.State);
        }
    }

    public void LoadSequence(int sequence, Stream source)
    {
        Truncate(sequence, 0);
        using var reader = new BinaryReader(source, System.Text.Encoding.UTF8, leaveOpen: true);
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            _cells.Add(new Cell { Token = reader.ReadInt32(), Position = reader.ReadInt32(), State = reader.ReadUInt64(), Sequences = [sequence] });
        }
    }

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            model.LiveContexts--;
        }
    }

    /// <summary>A contract that the engine broke: fails the test whatever the engine catches.</summary>
    private void Require(bool holds, string rule)
    {
        if (!holds)
        {
            model.BrokenRules.Add(rule);
            throw new InvalidOperationException("Broken rule: " + rule);
        }
    }

    private void Place(TokenBatch batch, int row)
    {
        var sequences = batch.Sequences(row).ToArray();
        var position = batch.Positions[row];
        Require(sequences.Length == 1 || Memory.HasFlag(MemoryCapabilities.Tree), "rows are shared only where the memory allows trees");
        foreach (var sequence in sequences)
        {
            CheckSequence(sequence);
            var last = _cells.Where(c => c.Sequences.Contains(sequence)).Select(c => c.Position).DefaultIfEmpty(-1).Max();
            Require(position == last + 1, "positions of a sequence follow each other");
        }

        // What a row sees: the cells before it of its first sequence, as they were computed.
        var state = ScriptedModel.Mix((ulong)batch.Tokens[row] + 1);
        foreach (var cell in _cells.Where(c => c.Sequences.Contains(sequences[0]) && c.Position < position).OrderBy(c => c.Position))
        {
            state = ScriptedModel.Mix(state ^ (cell.State + (ulong)(position - cell.Position)));
        }

        _cells.Add(new Cell { Token = batch.Tokens[row], Position = position, State = state, Sequences = [.. sequences] });
        if (batch.WantsLogits[row])
        {
            var logits = new float[ScriptedModel.VocabularySize];
            model.Logits(batch.Tokens[row], state, logits);
            _logits.Add(row, logits);
        }
    }

    private void CheckSequence(int sequence) => Require((uint)sequence < (uint)MaxSequences, "sequence ids are within their bounds");

    private sealed class Cell
    {
        public required int Token { get; init; }

        public required int Position { get; set; }

        public required ulong State { get; init; }

        public required HashSet<int> Sequences { get; init; }
    }
}
