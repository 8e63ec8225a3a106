using System.Numerics;
using Connector.Decoding.Sampling;

namespace Connector.Decoding.Tests.Sampling;

public sealed class GumbelNoiseTests
{
    [Fact]
    public void The_hash_of_a_vector_is_that_of_its_lanes()
    {
        var key = new GumbelNoise.Key(7, 3);
        var hashes = key.Hash(Vector.CreateSequence(1000u, 1u));
        for (var lane = 0; lane < Vector<uint>.Count; lane++)
        {
            Assert.Equal(key.Hash(1000u + (uint)lane), hashes[lane]);
        }
    }

    [Fact]
    public void Noise_has_the_mean_and_variance_of_a_Gumbel_distribution_along_every_axis()
    {
        Func<int, double>[] axes = [i => GumbelNoise.At((ulong)i, 0, 0), i => GumbelNoise.At(1, i, 5), i => GumbelNoise.At(1, 5, i)];
        foreach (var axis in axes)
        {
            var values = Enumerable.Range(0, 200_000).Select(axis).ToArray();
            var mean = values.Average();
            Assert.Equal(0.5772, mean, 0.015);
            Assert.Equal(Math.PI * Math.PI / 6, values.Average(v => (v - mean) * (v - mean)), 0.04);
            var lagged = values.Zip(values.Skip(1), (a, b) => (a - mean) * (b - mean)).Average();
            Assert.Equal(0, lagged, 0.02);
        }
    }

    [Fact]
    public void Neighbouring_positions_and_seeds_are_not_shifted_copies()
    {
        // A weak key schedule would only permute or shift the noise over the tokens.
        double[] Row(ulong seed, int position) => [.. Enumerable.Range(0, 4096).Select(t => GumbelNoise.At(seed, position, t))];
        var first = Row(0, 0);
        foreach (var other in new[] { Row(0, 1), Row(1, 0), Row(1, 1), Row(ulong.MaxValue, 0) })
        {
            Assert.True(first.Intersect(other).Count() < 4);
        }
    }

    [Fact]
    public void The_hash_bound_is_safe_and_tight()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var hash = (uint)(uint.MaxValue * Math.Pow(random.NextDouble(), random.Next(1, 12)));
            var noise = GumbelNoise.FromHash(hash);
            Assert.InRange(GumbelNoise.LargestHashAbove(Math.BitDecrement(noise)), hash, uint.MaxValue);
            if (noise > 0)
            {
                Assert.InRange(GumbelNoise.LargestHashAbove(noise + 0.01), 0u, (hash * 0.999) + 2);
            }
        }
    }
}
