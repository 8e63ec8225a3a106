namespace Connector.Decoding.Speculation;

/// <summary>
/// Follows numbers that drift and of which only weighted sums are seen, with noise (Kalman, "A New Approach to Linear Filtering and
/// Prediction Problems", 1960). What two numbers have in common is kept as their covariance, so that seeing one corrects the other.
/// Not thread-safe.
/// </summary>
/// <remarks>
/// Worked example: two numbers are believed to be 10, each give or take 1, and are known to err together by half (covariance 0.5). The first is
/// seen as 11 with a noise of 1: of the surprise of 1 the first follows by 1/(1 + 1) = 0.5, the second by 0.5/(1 + 1) = 0.25.
/// </remarks>
internal sealed class KalmanFilter
{
    private readonly double[] _values;
    private readonly double[] _covariance;
    private readonly double[] _along;

    /// <summary>Makes a filter that is sure of its values until <see cref="Doubt"/> is called.</summary>
    public KalmanFilter(ReadOnlySpan<double> values)
    {
        _values = values.ToArray();
        _along = new double[values.Length];
        _covariance = new double[values.Length * values.Length];
    }

    /// <summary>What the numbers are believed to be.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>The sum of the numbers, weighted.</summary>
    public double Sum(ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        for (var i = 0; i < _values.Length; i++)
        {
            sum += weights[i] * _values[i];
        }

        return sum;
    }

    /// <summary>The numbers may be off: each by itself, and all together by a share of what they are.</summary>
    /// <param name="own">Standard deviation of each.</param>
    /// <param name="together">Standard deviation of what all have in common, as a share.</param>
    public void Doubt(ReadOnlySpan<double> own, double together)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            var row = _covariance.AsSpan(i * _values.Length, _values.Length);
            for (var j = 0; j < row.Length; j++)
            {
                row[j] += together * together * _values[i] * _values[j];
            }

            row[i] += own[i] * own[i];
        }
    }

    /// <summary>Corrects the numbers by a weighted sum that was seen.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="surprise">What was seen, less <see cref="Sum"/>.</param>
    /// <param name="noise">The standard deviation of what is seen.</param>
    /// <param name="least">What no number falls below.</param>
    public void Correct(ReadOnlySpan<double> weights, double surprise, double noise, ReadOnlySpan<double> least)
    {
        var count = _values.Length;
        var variance = noise * noise;
        for (var i = 0; i < count; i++)
        {
            var row = _covariance.AsSpan(i * count, count);
            _along[i] = 0;
            for (var j = 0; j < count; j++)
            {
                _along[i] += row[j] * weights[j];
            }

            variance += weights[i] * _along[i];
        }

        for (var i = 0; i < count; i++)
        {
            _values[i] = Math.Max(least[i], _values[i] + (_along[i] / variance * surprise));
            for (var j = 0; j < count; j++)
            {
                _covariance[(i * count) + j] -= _along[i] * _along[j] / variance;
            }
        }
    }
}
