using System.Numerics;
using Connector.Decoding;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>
/// A memory in which every sequence's cells stand in the order of their positions. Attention adds cells up in the order
/// in which they stand, and floating-point sums depend on it; libllama fills holes that rejected drafts and finished
/// sequences leave, so there the same tokens could give other logits. Here holes stay occupied by a sequence of their
/// own (the graveyard) until they cost too much, and then the living cells are written anew, one behind the other.
/// </summary>
/// <param name="context">The context, made with <see cref="ExtraSequences"/> more sequences than are used.</param>
/// <param name="sequences">The sequences that are used, at most <see cref="MaxSequences"/>.</param>
internal sealed class OrderedMemory(ContextHandle context, int sequences) : SequenceMemory(context)
{
    /// <summary>Sequences that this class needs for itself.</summary>
    public const int ExtraSequences = 2;

    /// <summary>The most sequences that it can keep account of.</summary>
    public const int MaxSequences = 64;

    /// <summary>Holes are tolerated up to this number, and up to the number of living cells.</summary>
    private const int TolerableHoles = 512;

    private readonly int _graveyard = sequences;
    private readonly int _carrier = sequences + 1;
    private readonly CellLedger _ledger = new();
    private readonly List<(int Start, int End)> _buried = [];

    public override void Copy(int source, int target, int start, int end)
    {
        base.Copy(source, target, start, end);
        _ledger.Copy(source, target, start, end);
    }

    public override bool Truncate(int sequence, int start, int end)
    {
        _ledger.Truncate(sequence, Math.Max(start, 0), end, _buried);
        foreach (var range in _buried)
        {
            base.Copy(sequence, _graveyard, range.Start, range.End);
        }

        return base.Truncate(sequence, start, end);
    }

    public override void Shift(int sequence, int start, int end, int delta)
    {
        base.Shift(sequence, start, end, delta);
        _ledger.Shift(sequence, start, end, delta);
    }

    public override void Prepare()
    {
        if (_ledger.Buried >= Math.Max(TolerableHoles, _ledger.Living))
        {
            Rewrite();
        }
    }

    public override bool MakeRoom()
    {
        if (_ledger.Buried == 0)
        {
            return false;
        }

        Rewrite();
        return true;
    }

    public override void Append(TokenBatch batch) => _ledger.Append(batch);

    public override void Interrupted(TokenBatch batch)
    {
        // libllama keeps the parts of the batch that were computed; which, it does not say. Taking all of it back leaves
        // both sides with the same account.
        for (var row = 0; row < batch.Count; row++)
        {
            foreach (var sequence in batch.Sequences(row))
            {
                base.Truncate(sequence, batch.Positions[row], -1);
            }
        }
    }

    public override bool Restore(int sequence, ReadOnlySpan<byte> state)
    {
        Truncate(sequence, 0, -1);
        if (!SetState(sequence, state) && !(MakeRoom() && SetState(sequence, state)))
        {
            return false;
        }

        for (var position = Llama.FirstPosition(Native, sequence); position >= 0 && position <= Llama.LastPosition(Native, sequence); position++)
        {
            _ledger.Append(position, 1UL << sequence);
        }

        return true;
    }

    private void Rewrite()
    {
        var runs = _ledger.Runs();
        var states = new List<byte[]>(runs.Count);
        foreach (var run in runs)
        {
            base.Copy(BitOperations.TrailingZeroCount(run.Owners), _carrier, run.Start, run.End);
            states.Add(GetState(_carrier) ?? throw new ModelEvaluationException($"The cache could not be rewritten.{NativeLog.DescribeError()}"));
            base.Truncate(_carrier, 0, -1);
        }

        Llama.ClearMemory(Native, data: false);
        _ledger.Clear();
        for (var i = 0; i < runs.Count; i++)
        {
            Write(runs[i], states[i]);
        }
    }

    private void Write(CellRun run, byte[] state)
    {
        if (!SetState(_carrier, state))
        {
            throw new ModelEvaluationException($"The cache could not be rewritten.{NativeLog.DescribeError()}");
        }

        for (var owners = run.Owners; owners != 0; owners &= owners - 1)
        {
            base.Copy(_carrier, BitOperations.TrailingZeroCount(owners), -1, -1);
        }

        base.Truncate(_carrier, 0, -1);
        for (var position = run.Start; position < run.End; position++)
        {
            _ledger.Append(position, run.Owners);
        }
    }
}
