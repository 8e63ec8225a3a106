using Connector.Decoding.Engine;
using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Engine;

public sealed class TreeVerifierTests
{
    private const int The = 1, Cat = 2, Dog = 3, Ran = 4, Sat = 5;

    [Fact]
    public void The_walk_goes_where_the_sampled_token_is_a_child_and_ends_with_a_bonus()
    {
        // The example of TreeVerifier.Accept.
        var tree = new TokenTree(8);
        tree.Reset(The);
        var cat = tree.Add(0, Cat, 0.6f, 1);
        var dog = tree.Add(0, Dog, 0.3f, 1);
        tree.Add(cat, Sat, 0.5f, 1);
        var asked = new List<int>();
        var path = new int[8];
        var accepted = TreeVerifier.Accept(tree, [true, true, true, true], new Script(asked, tree, new() { [The] = Dog, [Dog] = Ran }, ends: false), path);
        Assert.Equal([dog], path[..accepted]);
        Assert.Equal([0, dog], asked);
    }

    [Fact]
    public void A_node_that_was_not_evaluated_is_not_accepted_and_the_end_stops_the_walk()
    {
        var tree = new TokenTree(8);
        tree.Reset(The);
        tree.Add(0, Cat, 0.6f, 1);
        var path = new int[8];
        var says = new Dictionary<int, int> { [The] = Cat, [Cat] = Sat };
        Assert.Equal(0, TreeVerifier.Accept(tree, [true, false], new Script([], tree, says, ends: false), path));
        Assert.Equal(0, TreeVerifier.Accept(tree, [true], new Script([], tree, says, ends: false), path));
        Assert.Equal(0, TreeVerifier.Accept(tree, [true, true], new Script([], tree, says, ends: true), path));
        Assert.Equal(1, TreeVerifier.Accept(tree, [true, true], new Script([], tree, says, ends: false), path));
    }

    private sealed class Script(List<int> asked, TokenTree tree, Dictionary<int, int> says, bool ends) : IDecider
    {
        public bool Decide(int node, out int token)
        {
            asked.Add(node);
            token = says[tree.Tokens[node]];
            return !ends;
        }
    }
}
