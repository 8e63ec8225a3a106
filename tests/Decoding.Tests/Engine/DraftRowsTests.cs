using Connector.Decoding.Engine;
using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Engine;

public sealed class DraftRowsTests
{
    [Fact]
    public void Nodes_carry_the_lanes_below_them_the_heaviest_leaf_first()
    {
        // Root with a (0.3) and b (0.6); below b: c (0.2) and d (0.4). Leaves by weight: d, a, c.
        var (tree, a, b, c, d) = Tree();
        var rows = new DraftRows();
        Assert.Equal(3, rows.CountLeaves(tree, maxNodes: 5, maxDepth: 9));
        var batch = new TokenBatch(8);
        rows.AddTo(batch, tree, [7, 8, 9], position: 20);
        Assert.Equal([7, 8, 9], batch.Sequences(rows.Row(0)).ToArray());
        Assert.Equal([8], batch.Sequences(rows.Row(a)).ToArray());
        Assert.Equal([7, 9], batch.Sequences(rows.Row(b)).ToArray());
        Assert.Equal([9], batch.Sequences(rows.Row(c)).ToArray());
        Assert.Equal([7], batch.Sequences(rows.Row(d)).ToArray());
        Assert.Equal([20, 21, 21, 22, 22], batch.Positions.ToArray());
        Assert.Equal(4, rows.Drafted);
    }

    [Fact]
    public void Without_enough_lanes_the_lightest_branches_are_left_out_and_spare_lanes_ride_with_the_heaviest()
    {
        var (tree, a, b, c, d) = Tree();
        var rows = new DraftRows();
        rows.CountLeaves(tree, 5, 9);
        rows.AddTo(new TokenBatch(8), tree, [7], position: 0);
        Assert.Equal([true, false, true, false, true], rows.Evaluated.ToArray());

        var batch = new TokenBatch(8);
        Assert.Equal(1, rows.CountLeaves(tree, maxNodes: 2, maxDepth: 9));
        rows.AddTo(batch, tree, [7, 8, 9], position: 0);
        Assert.Equal([7, 8, 9], batch.Sequences(rows.Row(a)).ToArray());
        Assert.Equal(2, rows.Evaluated.Length);

        Assert.Equal(2, rows.CountLeaves(tree, maxNodes: 5, maxDepth: 1));
        rows.AddTo(new TokenBatch(8), tree, [7, 8], position: 0);
        Assert.Equal([true, true, true, false, false], rows.Evaluated.ToArray());
        Assert.True(b < c && c < d);
    }

    private static (TokenTree Tree, int A, int B, int C, int D) Tree()
    {
        var tree = new TokenTree(8);
        tree.Reset(1);
        var a = tree.Add(0, 2, 0.3f, 1);
        var b = tree.Add(0, 3, 0.6f, 1);
        var c = tree.Add(b, 4, 0.2f, 1);
        return (tree, a, b, c, tree.Add(b, 5, 0.4f, 1));
    }
}
