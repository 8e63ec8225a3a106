namespace Connector.LlamaCpp.Tests.Memory;

public class CellLedgerTests
{
    private readonly CellLedger _ledger = new();
    private readonly List<(int Start, int End)> _buried = [];

    [Fact]
    public void Cells_at_the_end_are_dropped()
    {
        Append(0b1, 0, 1, 2, 3);

        _ledger.Truncate(0, 2, -1, _buried);

        Assert.Empty(_buried);
        Assert.Equal((2, 0), (_ledger.Living, _ledger.Buried));
        Assert.Equal([new CellRun(0b1, 0, 2)], _ledger.Runs());
    }

    [Fact]
    public void Cells_with_living_ones_behind_them_are_buried()
    {
        Append(0b01, 0, 1, 2);
        Append(0b10, 0, 1);

        _ledger.Truncate(0, 1, -1, _buried);

        Assert.Equal([(1, 3)], _buried);
        Assert.Equal((3, 2), (_ledger.Living, _ledger.Buried));
        Assert.Equal([new CellRun(0b01, 0, 1), new CellRun(0b10, 0, 2)], _ledger.Runs());
    }

    [Fact]
    public void A_shared_cell_lives_until_its_last_owner_leaves()
    {
        Append(0b11, 0, 1);

        _ledger.Truncate(0, 0, -1, _buried);
        Assert.Equal((2, 0), (_ledger.Living, _ledger.Buried));
        _ledger.Truncate(1, 1, -1, _buried);

        Assert.Equal([new CellRun(0b10, 0, 1)], _ledger.Runs());
    }

    // A tree of lanes 0, 1 and 2 below a shared root at position 5; lane 1's path of two nodes is committed.
    [Fact]
    public void Committing_a_path_of_a_tree_leaves_the_losers_buried_and_the_tail_shared()
    {
        Append(0b111, 0, 1, 2, 3, 4, 5);
        Append(0b001, 6);
        Append(0b110, 6);
        Append(0b010, 7);
        Append(0b100, 7);

        _ledger.Truncate(0, 5, -1, _buried);
        Assert.Equal([(6, 7)], _buried);
        _ledger.Truncate(2, 5, -1, _buried);
        Assert.Empty(_buried);
        _ledger.Copy(1, 0, 5, 8);
        _ledger.Copy(1, 2, 5, 8);

        Assert.Equal([new CellRun(0b111, 0, 8)], _ledger.Runs());
        Assert.Equal(1, _ledger.Buried);
    }

    [Fact]
    public void Runs_are_ordered_by_position_and_shared_ones_come_first()
    {
        Append(0b01, 3);
        Append(0b11, 0, 1);
        Append(0b10, 2, 3);
        Append(0b01, 2);

        Assert.Equal([new CellRun(0b11, 0, 2), new CellRun(0b01, 2, 4), new CellRun(0b10, 2, 4)], _ledger.Runs());
    }

    private void Append(ulong owners, params int[] positions)
    {
        foreach (var position in positions)
        {
            _ledger.Append(position, owners);
        }
    }
}
