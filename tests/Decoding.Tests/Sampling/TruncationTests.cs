using Connector.Decoding.Sampling;

namespace Connector.Decoding.Tests.Sampling;

public sealed class TruncationTests
{
    // ln of the probabilities 0.5, 0.3, 0.15, 0.05.
    private static readonly float[] Four = [.. new[] { 0.5, 0.3, 0.15, 0.05 }.Select(p => (float)Math.Log(p))];

    [Theory]
    [InlineData(0.4f, 1)]
    [InlineData(0.6f, 2)]
    [InlineData(0.79f, 2)]
    [InlineData(0.81f, 3)]
    [InlineData(0.99f, 4)]
    public void Top_p_keeps_the_shortest_head_that_reaches_p(float p, int kept) => Assert.Equal(kept, Truncation.TopP(Four, p, 0));

    [Theory]
    [InlineData(0.05f, 4)]
    [InlineData(0.2f, 3)]
    [InlineData(0.31f, 2)]
    [InlineData(0.7f, 1)]
    public void Min_p_keeps_what_is_at_least_that_share_of_the_first(float p, int kept) => Assert.Equal(kept, Truncation.MinP(Four, p));

    [Fact]
    public void Typical_p_prefers_surprise_near_the_entropy()
    {
        // Entropy 1.14; surprises 0.69, 1.20, 1.90, 3.00: the second is nearest, then the first, then the third.
        int[] tokens = [0, 1, 2, 3];
        float[] logits = [.. Four];
        var distribution = Distribution.OfSorted(logits);
        Assert.Equal(1.142, distribution.Entropy, 3);
        Assert.Equal(0, distribution.LogNormalizer, 5);
        Assert.Equal(1, Truncation.Typical(tokens, logits, 0.2f, distribution, new ulong[4]));
        Assert.Equal(1, tokens[0]);

        tokens = [0, 1, 2, 3];
        logits = [.. Four];
        Assert.Equal(2, Truncation.Typical(tokens, logits, 0.5f, distribution, new ulong[4]));
        Assert.Equal([0, 1], tokens[..2]);
    }

    [Fact]
    public void The_distribution_of_a_row_ignores_forbidden_tokens()
    {
        var row = new float[700];
        Array.Fill(row, float.NegativeInfinity);
        Four.CopyTo(row, 300);
        var distribution = new Candidates().DistributionOf(row);
        Assert.Equal(1.142, distribution.Entropy, 3);
        Assert.Equal(0, distribution.LogNormalizer, 5);
    }

    [Fact]
    public void The_largest_k_come_sorted_and_the_lowest_of_equals_first()
    {
        var candidates = new Candidates();
        var row = new float[2000];
        (row[1999], row[7], row[900], row[3]) = (5, 4, 4, -1);
        candidates.TakeLargest(row, 4);
        Assert.Equal([1999, 7, 900, 0], candidates.Tokens.ToArray());
        Assert.Equal([5f, 4f, 4f, 0f], candidates.Logits.ToArray());
        candidates.TakeFrom(row, 4);
        Assert.Equal([1999, 7, 900], candidates.Tokens.ToArray());
        candidates.TakeList(row, [3, 5, 7]);
        Assert.Equal([7, 5, 3], candidates.Tokens.ToArray());
    }
}
