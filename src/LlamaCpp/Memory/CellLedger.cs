using System.Numerics;
using System.Runtime.InteropServices;
using Connector.Decoding;

namespace Connector.LlamaCpp;

/// <summary>Cells that belong together: the same owners, consecutive positions.</summary>
/// <param name="Owners">The sequences that hold them, a bit each.</param>
/// <param name="Start">The first position.</param>
/// <param name="End">One past the last position.</param>
internal readonly record struct CellRun(ulong Owners, int Start, int End);

/// <summary>
/// The occupied cells of an append-only cache, in the order in which they were written: position and owners of each.
/// A cell that lost its owners is <em>dropped</em> where nothing living stands behind it (writing there again keeps
/// every order), else <em>buried</em>: it stays occupied until the cache is rewritten. Pure bookkeeping.
/// </summary>
internal sealed class CellLedger
{
    private readonly List<Cell> _cells = [];

    private readonly record struct Cell(int Position, ulong Owners)
    {
        public bool IsIn(int sequence, int start, int end) =>
            (Owners >> sequence & 1) != 0 && Position >= start && (end < 0 || Position < end);
    }

    /// <summary>Cells that are occupied and belong to nobody.</summary>
    public int Buried { get; private set; }

    /// <summary>Cells that belong to a sequence.</summary>
    public int Living => _cells.Count - Buried;

    public void Clear()
    {
        _cells.Clear();
        Buried = 0;
    }

    public void Append(int position, ulong owners) => _cells.Add(new Cell(position, owners));

    public void Append(TokenBatch batch)
    {
        for (var row = 0; row < batch.Count; row++)
        {
            var owners = 0UL;
            foreach (var sequence in batch.Sequences(row))
            {
                owners |= 1UL << sequence;
            }

            Append(batch.Positions[row], owners);
        }
    }

    public void Copy(int source, int target, int start, int end)
    {
        foreach (ref var cell in CollectionsMarshal.AsSpan(_cells))
        {
            cell = cell.IsIn(source, start, end) ? cell with { Owners = cell.Owners | 1UL << target } : cell;
        }
    }

    public void Shift(int sequence, int start, int end, int delta)
    {
        foreach (ref var cell in CollectionsMarshal.AsSpan(_cells))
        {
            cell = cell.IsIn(sequence, start, end) ? cell with { Position = cell.Position + delta } : cell;
        }
    }

    /// <summary>Takes the positions [start, end) from a sequence.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="start">The first position.</param>
    /// <param name="end">One past the last position; −1: all.</param>
    /// <param name="buried">Gets the ranges of positions whose cells died and stay occupied.</param>
    public void Truncate(int sequence, int start, int end, List<(int Start, int End)> buried)
    {
        buried.Clear();
        var owner = 1UL << sequence;
        var cells = CollectionsMarshal.AsSpan(_cells);
        var living = cells.Length - 1;
        while (living >= 0 && (cells[living].IsIn(sequence, start, end) ? cells[living].Owners & ~owner : cells[living].Owners) == 0)
        {
            living--;
        }

        var kept = living + 1;
        for (var i = 0; i < cells.Length; i++)
        {
            var cell = cells[i];
            var taken = cell.IsIn(sequence, start, end);
            var after = taken ? cell with { Owners = cell.Owners & ~owner } : cell;
            if (i <= living)
            {
                cells[i] = after;
                if (taken && after.Owners == 0)
                {
                    Buried++;
                    Add(buried, cell.Position);
                }
            }
            else if (!taken)
            {
                cells[kept++] = cell;
            }
        }

        CollectionsMarshal.SetCount(_cells, kept);
    }

    /// <summary>The living cells as runs, so ordered that writing run after run keeps every sequence's own order.</summary>
    public IReadOnlyList<CellRun> Runs() =>
    [
        .. _cells.Where(cell => cell.Owners != 0)
            .GroupBy(cell => cell.Owners)
            .SelectMany(group => Consecutive(group.Key, [.. group.Select(cell => cell.Position).Order()]))
            .OrderBy(run => run.Start).ThenByDescending(run => BitOperations.PopCount(run.Owners)),
    ];

    private static IEnumerable<CellRun> Consecutive(ulong owners, int[] positions)
    {
        var first = 0;
        for (var i = 1; i <= positions.Length; i++)
        {
            if (i == positions.Length || positions[i] != positions[i - 1] + 1)
            {
                yield return new CellRun(owners, positions[first], positions[i - 1] + 1);
                first = i;
            }
        }
    }

    // Positions mostly come in ascending order, so neighbours join.
    private static void Add(List<(int Start, int End)> ranges, int position)
    {
        if (ranges.Count > 0 && ranges[^1].End == position)
        {
            ranges[^1] = (ranges[^1].Start, position + 1);
        }
        else
        {
            ranges.Add((position, position + 1));
        }
    }
}
