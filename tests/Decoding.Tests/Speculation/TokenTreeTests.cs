using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Speculation;

public sealed class TokenTreeTests
{
    [Fact]
    public void Nodes_know_parent_depth_and_children()
    {
        var tree = new TokenTree(4);
        tree.Reset(7);
        var a = tree.Add(0, 1, 0.5f, 1);
        var b = tree.Add(a, 2, 0.25f, 2);
        var c = tree.Add(0, 3, 0.1f, 1);

        Assert.Equal([7, 1, 2, 3], tree.Tokens.ToArray());
        Assert.Equal([-1, 0, a, 0], tree.Parents.ToArray());
        Assert.Equal([0, 1, 2, 1], tree.Depths.ToArray());
        Assert.Equal(c, tree.FindChild(0, 3));
        Assert.Equal(b, tree.FindChild(a, 2));
        Assert.Equal(-1, tree.FindChild(a, 3));
        Assert.True(tree.IsLeaf(b));
        Assert.False(tree.IsLeaf(0));
        Assert.Throws<InvalidOperationException>(() => tree.Add(0, 9, 0.1f, 1));
    }

    [Fact]
    public void Reset_forgets_the_last_step()
    {
        var tree = new TokenTree(4);
        tree.Reset(7);
        tree.Add(0, 1, 0.5f, 1);
        tree.Reset(8);

        Assert.Equal(1, tree.Count);
        Assert.True(tree.IsLeaf(0));
        Assert.Equal(-1, tree.FindChild(0, 1));
    }
}
