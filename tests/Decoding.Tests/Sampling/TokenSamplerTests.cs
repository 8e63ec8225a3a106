using System.Collections.Immutable;
using Connector.Decoding.Constraints;
using Connector.Decoding.Sampling;

namespace Connector.Decoding.Tests.Sampling;

public sealed class TokenSamplerTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(300)]
    [InlineData(5003)]
    public void Chooses_what_the_definition_chooses(int vocabulary)
    {
        var random = new Random(vocabulary);
        for (var round = 0; round < (vocabulary > 1000 ? 150 : 1500); round++)
        {
            var options = RandomOptions(random, vocabulary);
            var logits = RandomLogits(random, vocabulary);
            var history = RandomHistory(random, vocabulary);
            var mask = RandomMask(random, vocabulary);
            var position = random.Next(1000);

            var expected = ReferenceSampler.Sample(logits, options, history, position, mask);
            var sampler = new TokenSampler(options, vocabulary);
            Assert.Equal(expected, sampler.Sample([.. logits], history, position, mask));
            Assert.Equal(expected, sampler.Sample([.. logits], history, position, mask));
        }
    }

    [Fact]
    public void A_constraints_bias_is_a_logit_bias_for_one_token()
    {
        const int Vocabulary = 300;
        var random = new Random(7);
        var moved = 0;
        for (var round = 0; round < 1000; round++)
        {
            var options = RandomOptions(random, Vocabulary) with { LogitBias = [] };
            var logits = RandomLogits(random, Vocabulary);
            var history = RandomHistory(random, Vocabulary);
            var mask = RandomMask(random, Vocabulary);
            var bias = new TokenBias(random.Next(Vocabulary), random.Next(3) == 0 ? 0 : (random.NextSingle() - 0.3f) * 20);

            var expected = ReferenceSampler.Sample(logits, options with { LogitBias = [new(bias.Token, bias.Logits)] }, history, round, mask);
            Assert.Equal(expected, new TokenSampler(options, Vocabulary).Sample([.. logits], history, round, mask, bias));
            Assert.True(mask is null || mask.Contains(expected));
            moved += expected == bias.Token ? 1 : 0;
        }

        Assert.InRange(moved, 100, 900);
    }

    [Theory]
    [InlineData(1f, 0, 1f, 0f)]
    [InlineData(0.7f, 0, 1f, 0f)]
    [InlineData(1.3f, 5, 1f, 0f)]
    [InlineData(1f, 0, 0.9f, 0f)]
    [InlineData(1f, 0, 1f, 0.1f)]
    public void Frequencies_over_100000_positions_are_the_distribution(float temperature, int topK, float topP, float minP)
    {
        var options = new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, Seed = 42 };
        float[] logits = [1.2f, 0.3f, 2f, -1f, 0.3f, 1.1f, -0.5f, 0f, 0.8f, 1.7f, -2f, 0.1f];
        var scaled = logits.Select(x => (double)x / temperature).ToArray();
        var kept = ReferenceSampler.Truncate([.. Enumerable.Range(0, logits.Length).OrderByDescending(t => logits[t]).ThenBy(t => t)], scaled, options);
        var sum = kept.Sum(t => Math.Exp(scaled[t]));

        const int Draws = 100_000;
        var sampler = new TokenSampler(options, logits.Length);
        var history = new TokenHistory([]);
        var counts = new int[logits.Length];
        var row = new float[logits.Length];
        for (var position = 0; position < Draws; position++)
        {
            logits.CopyTo(row, 0);
            counts[sampler.Sample(row, history, position, null)]++;
        }

        Assert.Equal(Draws, kept.Sum(t => counts[t]));
        var g = 2 * kept.Sum(t => counts[t] == 0 ? 0 : counts[t] * Math.Log(counts[t] / (Draws * Math.Exp(scaled[t]) / sum)));
        Assert.InRange(g, 0, ChiSquareQuantile(kept.Count - 1));
    }

    [Theory]
    [InlineData(1f, 0, 1f, 0f, 1f)]
    [InlineData(0.8f, 40, 0.95f, 0.05f, 1f)]
    [InlineData(1f, 0, 0.9f, 0f, 1f)]
    [InlineData(1f, 0, 1f, 0f, 0.9f)]
    [InlineData(0f, 0, 1f, 0f, 1f)]
    public void Choosing_a_token_allocates_nothing(float temperature, int topK, float topP, float minP, float typicalP)
    {
        const int Vocabulary = 3000;
        var options = new SamplingOptions
        {
            Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, TypicalP = typicalP, FrequencyPenalty = 0.1f, RepetitionPenalty = 1.1f,
            DryMultiplier = 0.8f, LogitBias = ImmutableDictionary<int, float>.Empty.Add(3, 1f),
        };
        var sampler = new TokenSampler(options, Vocabulary);
        var random = new Random(5);
        var history = new TokenHistory([.. Enumerable.Range(0, 200).Select(_ => random.Next(50))], expected: 200);
        TokenMask?[] masks = [null, TokenMask.FromTokens(1, 5, 9, 2000), TokenMask.FromBits([.. Enumerable.Repeat(0x5555FFFFu, (Vocabulary / 32) + 1)])];
        var logits = RandomLogits(random, Vocabulary);
        var row = new float[Vocabulary];

        long allocated = 0;
        for (var position = 0; position < 120; position++)
        {
            logits.CopyTo(row, 0);
            var before = GC.GetAllocatedBytesForCurrentThread();
            history.Append(sampler.Sample(row, history, position, masks[position % masks.Length]));
            allocated += position < 30 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Greedy_takes_the_lowest_of_equal_tokens_whatever_the_seed()
    {
        var history = new TokenHistory([]);
        foreach (var seed in new ulong[] { 0, 1, 99 })
        {
            Assert.Equal(1, new TokenSampler(new SamplingOptions { Temperature = 0, Seed = seed }, 4).Sample([1f, 3f, 3f, 2f], history, 0, null));
        }
    }

    [Fact]
    public void Tokens_that_mask_and_bias_forbid_together_are_an_error()
    {
        var options = new SamplingOptions { LogitBias = ImmutableDictionary<int, float>.Empty.Add(2, float.NegativeInfinity) };
        var sampler = new TokenSampler(options, 4);
        Assert.Throws<InvalidOperationException>(() => sampler.Sample([1f, 3f, 3f, 2f], new TokenHistory([]), 0, TokenMask.FromTokens(2)));
        Assert.Throws<ModelEvaluationException>(() => sampler.Sample([1f, float.NaN, 3f, 2f], new TokenHistory([]), 0, null));
        Assert.Throws<ArgumentException>(() => sampler.Sample([1f], new TokenHistory([]), 0, null));
    }

    [Fact]
    public void Every_bad_option_is_named_in_one_message()
    {
        var options = new SamplingOptions
        {
            Temperature = -1, TopK = -2, TopP = 0, MinP = float.NaN, TypicalP = 2, FrequencyPenalty = float.NaN, PresencePenalty = float.PositiveInfinity,
            RepetitionPenalty = 0, RepetitionWindow = -1, DryMultiplier = -1, DryBase = 0.5f, DryAllowedLength = -1,
            LogitBias = ImmutableDictionary<int, float>.Empty.Add(9, 1f).Add(1, float.NaN),
        };
        var message = Assert.Throws<ArgumentException>(() => new TokenSampler(options, 4)).Message;
        string[] names =
        [
            "Temperature is -1", "TopK is -2", "TopP is 0", "MinP is NaN", "TypicalP is 2", "FrequencyPenalty", "PresencePenalty", "RepetitionPenalty is 0",
            "RepetitionWindow", "DryMultiplier", "DryBase", "DryAllowedLength", "LogitBias names token 9", "LogitBias of token 1",
        ];
        Assert.All(names, name => Assert.Contains(name, message, StringComparison.Ordinal));
        Assert.Empty(new SamplingOptions().Faults(4));
    }

    private static SamplingOptions RandomOptions(Random random, int vocabulary)
    {
        var bias = ImmutableDictionary<int, float>.Empty;
        for (var i = random.Next(3); i > 0; i--)
        {
            bias = bias.SetItem(random.Next(vocabulary), (float)((random.NextDouble() * 8) - 4));
        }

        return new SamplingOptions
        {
            Temperature = random.Next(5) == 0 ? 0 : 0.3f + random.NextSingle(),
            TopK = random.Next(3) == 0 ? random.Next(1, 60) : 0,
            TopP = random.Next(3) == 0 ? 0.3f + (random.NextSingle() * 0.69f) : 1,
            MinP = random.Next(3) == 0 ? random.NextSingle() * 0.3f : 0,
            TypicalP = random.Next(3) == 0 ? 0.2f + (random.NextSingle() * 0.79f) : 1,
            FrequencyPenalty = random.Next(3) == 0 ? random.NextSingle() : 0,
            PresencePenalty = random.Next(3) == 0 ? random.NextSingle() : 0,
            RepetitionPenalty = random.Next(3) == 0 ? 0.5f + random.NextSingle() : 1,
            RepetitionWindow = random.Next(20),
            DryMultiplier = random.Next(3) == 0 ? random.NextSingle() * 3 : 0,
            DryAllowedLength = random.Next(4),
            LogitBias = bias,
            Seed = (ulong)random.NextInt64(),
        };
    }

    private static float[] RandomLogits(Random random, int vocabulary)
    {
        // Peaked, flat and tied rows.
        var spread = new[] { 0.5f, 3f, 12f }[random.Next(3)];
        var digits = random.Next(4) == 0 ? 0 : 5;
        return [.. Enumerable.Range(0, vocabulary).Select(_ => MathF.Round((random.NextSingle() - 0.5f) * 2 * spread, digits) + 0f)];
    }

    private static TokenHistory RandomHistory(Random random, int vocabulary)
    {
        var alphabet = Math.Min(vocabulary, random.Next(2, 12));
        var history = new TokenHistory([.. Enumerable.Range(0, random.Next(15)).Select(_ => random.Next(alphabet))]);
        for (var i = random.Next(30); i > 0; i--)
        {
            history.Append(random.Next(alphabet));
        }

        return history;
    }

    private static TokenMask? RandomMask(Random random, int vocabulary) => random.Next(3) switch
    {
        0 => null,
        1 => TokenMask.FromTokens(Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(vocabulary))),
        _ => TokenMask.FromBits([.. Enumerable.Range(0, (vocabulary + 31) / 32).Select(i => RandomWord(random, vocabulary - (i * 32)) | 1u)]),
    };

    private static uint RandomWord(Random random, int valid) =>
        (random.Next(3) == 0 ? uint.MaxValue : (uint)random.NextInt64(uint.MaxValue)) & (valid >= 32 ? uint.MaxValue : (1u << valid) - 1);

    /// <summary>The 99.9 % quantile (Wilson and Hilferty 1931).</summary>
    private static double ChiSquareQuantile(int degrees)
    {
        var t = 2.0 / (9 * degrees);
        return degrees * Math.Pow(1 - t + (3.09 * Math.Sqrt(t)), 3);
    }
}
