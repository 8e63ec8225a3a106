using Connector.Decoding.Sampling;

namespace Connector.Decoding.Tests.Sampling;

public sealed class PenaltiesTests
{
    [Fact]
    public void Frequency_counts_and_presence_does_not()
    {
        var history = new TokenHistory([3, 3]);
        history.Append(1);
        history.Append(1);
        history.Append(2);
        float[] logits = [1, 1, 1, 1];
        Penalties.FrequencyAndPresence(logits, history, 0.25f, 0.5f);
        Assert.Equal([1, 0, 0.25f, 1], logits);
    }

    [Fact]
    public void Repetition_shrinks_positive_and_grows_negative_logits_once()
    {
        float[] logits = [2, -2, 3, 0];
        Penalties.Repetition(logits, [0, 1, 0, 3], 2, []);
        Assert.Equal([1, -4, 3, 0], logits);
    }

    [Fact]
    public void Bias_adds() => Assert.Equal([0, 3.5f], Biased([0, 2], new KeyValuePair<int, float>(1, 1.5f)));

    [Fact]
    public void Dry_charges_the_token_that_followed_the_same_tokens_before()
    {
        // a b c x a b c: after "a b c" came x; three tokens match, two are free: 1 · 2^(3−2).
        float[] logits = [0, 0, 0, 0];
        Penalties.Dry(logits, [0, 1, 2, 3, 0, 1, 2], new SamplingOptions { DryMultiplier = 1, DryBase = 2, DryAllowedLength = 2 }, new DryScratch());
        Assert.Equal([0, 0, 0, -2], logits);
    }

    [Fact]
    public void A_mask_forbids_every_token_whose_bit_is_not_set()
    {
        var logits = new float[70];
        Penalties.Mask(logits, [uint.MaxValue, 0b101]);
        Assert.Equal([.. Enumerable.Range(0, 32), 32, 34], Enumerable.Range(0, 70).Where(t => logits[t] == 0));
    }

    private static float[] Biased(float[] logits, params KeyValuePair<int, float>[] bias)
    {
        Penalties.AddBias(logits, bias);
        return logits;
    }
}
