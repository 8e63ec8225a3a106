using Connector.Decoding.Engine;
using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Engine;

/// <summary>
/// Drafts random trees: some guesses are what the request gives alone, the others anything; now and then beyond its bounds. Checks what it is told.
/// </summary>
internal sealed class RandomDrafts(Random random, Func<GenerationRequest, int[]> answers, bool breaksBounds) : IDraftPlanner
{
    private readonly HashSet<DraftSequence> _live = [];
    private readonly HashSet<(DraftSequence, int)> _observed = [];

    public int Accepted { get; private set; }

    public int Branches { get; private set; }

    public int LiveSequences => _live.Count;

    public void Begin(DraftSequence sequence) => Assert.True(_live.Add(sequence));

    public void Plan(ReadOnlySpan<DraftSequence> sequences, in StepBudget step)
    {
        var left = step.MaxDrafted;
        foreach (var sequence in sequences)
        {
            Assert.Contains(sequence, _live);
            Assert.Equal(1, sequence.Tree.Count);
            Assert.Equal(sequence.History.Tokens[^1], sequence.Tree.Tokens[0]);
            var answer = answers(sequence.Request);
            for (var i = random.Next(12); i > 0 && sequence.Tree.Count < sequence.Tree.Capacity; i--)
            {
                var tree = sequence.Tree;
                var parent = random.Next(tree.Count);
                var next = sequence.History.GeneratedCount + tree.Depths[parent];
                var token = random.Next(3) > 0 && next < answer.Length ? answer[next] : random.Next(ScriptedModel.VocabularySize);
                var isWithin = tree.Count < sequence.MaxNodes && tree.Depths[parent] < sequence.MaxDepth && left > 0 && (sequence.MaxLeaves > 1 || tree.IsLeaf(parent));
                if (tree.FindChild(parent, token) < 0 && (isWithin || breaksBounds))
                {
                    Branches += tree.IsLeaf(parent) ? 0 : 1;
                    tree.Add(parent, token, tree.Probabilities[parent] * random.NextSingle(), 1);
                    left--;
                }
            }
        }
    }

    public void ObserveLogits(DraftSequence sequence, int node, ReadOnlySpan<float> logits)
    {
        Assert.Equal(ScriptedModel.VocabularySize, logits.Length);
        Assert.True(_observed.Add((sequence, node)));
        Assert.True(node == 0 || _observed.Contains((sequence, sequence.Tree.Parents[node])));
    }

    public void Committed(DraftSequence sequence, ReadOnlySpan<int> path, ReadOnlySpan<int> tokens)
    {
        Accepted += path.Length;
        Assert.Equal(path.Length + 1, tokens.Length);
        Assert.True(sequence.History.Tokens.EndsWith(tokens));
        for (var i = 0; i < path.Length; i++)
        {
            Assert.Equal(i == 0 ? 0 : path[i - 1], sequence.Tree.Parents[path[i]]);
            Assert.Equal(sequence.Tree.Tokens[path[i]], tokens[i]);
            Assert.Contains((sequence, path[i]), _observed);
        }
    }

    public void StepCompleted(in StepBudget step, int rows, TimeSpan evaluation)
    {
        Assert.True(rows > 0);
        _observed.Clear();
    }

    public void End(DraftSequence sequence) => Assert.True(_live.Remove(sequence));

    public void Dispose()
    {
    }
}
