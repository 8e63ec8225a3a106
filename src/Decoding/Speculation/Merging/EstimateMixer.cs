namespace Connector.Decoding.Speculation;

/// <summary>
/// Combines the calibrated estimates of several sources for one guess: an online logistic regression over their
/// log-odds with one weight per source, and one bias per source that did not make the guess (logistic mixing, as in
/// Mattern, 2013). Learned by stochastic gradient on what was committed. Not thread-safe.
/// </summary>
internal sealed class EstimateMixer
{
    private const float MaxLogOdds = 6;
    private readonly float _rate;
    private readonly float[] _weights;
    private readonly float[] _absent;

    /// <summary>Makes a mixer that trusts every source and starts from the sum's plain average.</summary>
    /// <param name="sources">How many sources there are.</param>
    /// <param name="rate">The learning rate; 0 freezes the weights.</param>
    public EstimateMixer(int sources, float rate = 0.02f)
    {
        _rate = rate;
        _weights = new float[sources];
        _absent = new float[sources];
        Array.Fill(_weights, 0.7f);
    }

    /// <summary>The weight of each source.</summary>
    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>What each source's silence adds to the log-odds.</summary>
    public ReadOnlySpan<float> Absent => _absent;

    /// <summary>What a source that made no guess has in place of log-odds.</summary>
    public static float None => float.NaN;

    /// <summary>The log-odds of a probability, bounded.</summary>
    public static float LogOdds(float probability) =>
        Math.Clamp(MathF.Log(probability / (1 - probability)), -MaxLogOdds, MaxLogOdds);

    /// <summary>The probability of a guess.</summary>
    /// <param name="logOdds">Per source its calibrated log-odds, or <see cref="None"/>.</param>
    public float Combine(ReadOnlySpan<float> logOdds)
    {
        var sum = 0f;
        for (var s = 0; s < logOdds.Length; s++)
        {
            sum += float.IsNaN(logOdds[s]) ? _absent[s] : _weights[s] * logOdds[s];
        }

        return 1 / (1 + MathF.Exp(-Math.Clamp(sum, -MaxLogOdds, MaxLogOdds)));
    }

    /// <summary>Learns from a guess that came true or did not.</summary>
    public void Learn(ReadOnlySpan<float> logOdds, float predicted, bool hit)
    {
        var step = _rate * ((hit ? 1 : 0) - predicted);
        for (var s = 0; s < logOdds.Length; s++)
        {
            if (float.IsNaN(logOdds[s]))
            {
                _absent[s] += step;
            }
            else
            {
                _weights[s] += step * logOdds[s];
            }
        }
    }
}
