using Connector.Decoding.Sampling;

namespace Connector.Decoding.Speculation;

/// <summary>
/// What the sampler's own noise says about a guess. The token at a position is argmax(log p + g) with noise g that
/// is a known function of seed, position and token, so a guess of probability p whose noise is g wins with probability
/// exp(−(1 − p)/p · e^(−g)): the rest of the distribution is one Gumbel variable at log(1 − p). Averaged over g this
/// is p again. The estimates are averages over places that differ, so the noise says a little less than that; how much
/// is learned as one weight. Not thread-safe.
/// </summary>
internal sealed class KeyedLuck
{
    private const float Rate = 0.005f;
    private float _weight = 0.5f;

    /// <summary>How far the noise is believed: 0 not at all, 1 as if the estimates were exact.</summary>
    public float Weight => _weight;

    /// <summary>By how much a guess's noise changes its log-odds if its estimate were exact.</summary>
    public static float Shift(float probability, GumbelNoise.Key key, int token)
    {
        var noise = GumbelNoise.FromHash(key.Hash((uint)token));
        var win = Math.Exp(-(1 - probability) / probability * Math.Exp(-noise));
        return EstimateMixer.LogOdds(Math.Clamp((float)win, 0.001f, 0.999f)) - EstimateMixer.LogOdds(probability);
    }

    /// <summary>The probability of a guess in the light of its noise.</summary>
    public float Apply(float probability, float shift) =>
        EstimateMixer.Probability(EstimateMixer.LogOdds(probability) + (_weight * shift));

    /// <summary>Learns from a guess that came true or did not.</summary>
    public void Learn(float predicted, float shift, bool hit) =>
        _weight = Math.Clamp(_weight + (Rate * ((hit ? 1 : 0) - predicted) * shift), 0, 1);
}
