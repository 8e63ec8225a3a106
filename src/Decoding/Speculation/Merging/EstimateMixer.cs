using System.Numerics;

namespace Connector.Decoding.Speculation;

/// <summary>
/// Combines the calibrated estimates of several sources for one guess: an online logistic regression over their
/// log-odds (logistic mixing, Mattern 2013), with a bias and one weight per source for every set of sources that may
/// make a guess together, because a source's word means something else when others are silent. Learned by stochastic
/// gradient on what was committed. Not thread-safe.
/// </summary>
internal sealed class EstimateMixer
{
    /// <summary>The most sources: there are 2ⁿ sets.</summary>
    public const int MaxSources = 8;

    private const float MaxLogOdds = 6;
    private readonly float _rate;
    private readonly int _sources;
    private readonly float[] _weights;
    private readonly float[] _biases;

    /// <summary>Makes a mixer that begins with the mean of the log-odds it gets.</summary>
    /// <param name="sources">How many sources there are, at most <see cref="MaxSources"/>.</param>
    /// <param name="rate">The learning rate. Default 0.02; 0 freezes the weights.</param>
    public EstimateMixer(int sources, float rate = 0.02f)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sources, MaxSources);
        _rate = rate;
        _sources = sources;
        _biases = new float[2 << sources];
        _weights = new float[2 * (sources << sources)];
        for (var set = 1; set < _biases.Length; set++)
        {
            var speakers = BitOperations.PopCount((uint)set & ((1u << sources) - 1));
            _weights.AsSpan(set * sources, sources).Fill(1f / Math.Max(1, speakers));
        }
    }

    /// <summary>Stands for the log-odds of a source that did not make the guess.</summary>
    public static float Silent => float.NaN;

    /// <summary>The log-odds of a probability, bounded.</summary>
    public static float LogOdds(float probability) =>
        Math.Clamp(MathF.Log(probability / (1 - probability)), -MaxLogOdds, MaxLogOdds);

    /// <summary>The probability of log-odds, bounded.</summary>
    public static float Probability(float logOdds) => 1 / (1 + MathF.Exp(-Math.Clamp(logOdds, -MaxLogOdds, MaxLogOdds)));

    /// <summary>The probability of a guess.</summary>
    /// <param name="logOdds">Per source its calibrated log-odds, or <see cref="Silent"/>.</param>
    /// <param name="isConstrained">Whether a constraint holds: then other weights do.</param>
    public float Combine(ReadOnlySpan<float> logOdds, bool isConstrained = false)
    {
        var set = SetOf(logOdds, isConstrained);
        var weights = _weights.AsSpan(set * _sources, _sources);
        var sum = _biases[set];
        for (var s = 0; s < weights.Length; s++)
        {
            sum += (set >> s & 1) == 0 ? 0 : weights[s] * logOdds[s];
        }

        return Probability(sum);
    }

    /// <summary>Learns from a guess that came true or did not.</summary>
    /// <param name="logOdds">Per source its log-odds when the guess was made, or <see cref="Silent"/>.</param>
    /// <param name="isConstrained">Whether a constraint held.</param>
    /// <param name="predicted">What <see cref="Combine"/> said.</param>
    /// <param name="hit">Whether it came true.</param>
    public void Learn(ReadOnlySpan<float> logOdds, bool isConstrained, float predicted, bool hit)
    {
        var step = _rate * ((hit ? 1 : 0) - predicted);
        var set = SetOf(logOdds, isConstrained);
        var weights = _weights.AsSpan(set * _sources, _sources);
        _biases[set] += step;
        for (var s = 0; s < weights.Length; s++)
        {
            weights[s] += (set >> s & 1) == 0 ? 0 : step * logOdds[s];
        }
    }

    private static int SetOf(ReadOnlySpan<float> logOdds, bool isConstrained)
    {
        var set = isConstrained ? 1 << logOdds.Length : 0;
        for (var s = 0; s < logOdds.Length; s++)
        {
            set |= float.IsNaN(logOdds[s]) ? 0 : 1 << s;
        }

        return set;
    }
}
