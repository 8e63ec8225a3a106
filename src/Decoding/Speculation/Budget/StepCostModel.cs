namespace Connector.Decoding.Speculation;

/// <summary>
/// What one call of the deciding model costs: t(n, past) = a(n) + b(n)·past milliseconds for n tokens with past tokens
/// in the cache, on a few batch sizes and linear between them. Measured when the model is loaded, corrected by every
/// step afterwards: a Kalman filter over a(n), known well from the start, and b(n), not known at all, so that an answer in a long context
/// does not spoil what is known of short ones. CPU and GPU kernels have steps and saw-teeth at their own batch sizes, so theory is no
/// help. Not thread-safe.
/// </summary>
internal sealed class StepCostModel
{
    private static readonly int[] Sizes = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64];
    private const double Noise = 0.2;
    private const double FixedDoubt = 0.1;
    private const double PerPastDoubt = 1e-3;
    private const double Forgetting = 0.1;
    private const double DriftRate = 0.02;
    private const double Outlier = 1.5;
    private readonly double[] _base;
    private readonly double[] _slope;
    private readonly Doubt[] _doubts;

    /// <summary>A model from measured coefficients.</summary>
    /// <param name="fixedCost">a(n) in milliseconds at <see cref="Buckets"/>.</param>
    /// <param name="perPast">b(n) in milliseconds per cached token.</param>
    public StepCostModel(ReadOnlySpan<double> fixedCost, ReadOnlySpan<double> perPast)
    {
        if (fixedCost.Length != Sizes.Length || perPast.Length != Sizes.Length)
        {
            throw new ArgumentException($"A cost model has {Sizes.Length} batch sizes.", nameof(fixedCost));
        }

        _base = fixedCost.ToArray();
        _slope = perPast.ToArray();
        _doubts = [.. _base.Select(fixedCost => new Doubt(Square(FixedDoubt * fixedCost), 0, Square(PerPastDoubt * fixedCost)))];
    }

    /// <summary>The batch sizes that are measured.</summary>
    public static ReadOnlySpan<int> Buckets => Sizes;

    /// <summary>a(n) in milliseconds, per bucket.</summary>
    public ReadOnlySpan<double> Fixed => _base;

    /// <summary>b(n) in milliseconds per cached token, per bucket.</summary>
    public ReadOnlySpan<double> PerPast => _slope;

    /// <summary>The milliseconds a call with <paramref name="tokens"/> tokens takes.</summary>
    /// <param name="tokens">Tokens of the batch, at least 1. Beyond the last bucket the last slope goes on.</param>
    /// <param name="past">Tokens in the cache that it attends to.</param>
    public double Milliseconds(int tokens, double past)
    {
        var high = UpperBucket(tokens);
        var low = Math.Max(0, high - 1);
        var share = high == low ? 0 : (double)(tokens - Sizes[low]) / (Sizes[high] - Sizes[low]);
        return At(low, past) + (share * (At(high, past) - At(low, past)));
    }

    /// <summary>
    /// Corrects the model by a step that was timed: the two sizes around it by normalised least mean squares, and all
    /// sizes by part of the relative error, since a device that is slower now is slower at every size.
    /// </summary>
    public void Observe(int tokens, double past, double milliseconds)
    {
        if (tokens > Sizes[^1])
        {
            return;
        }

        // A call that took far longer than predicted was interrupted; it may still pull the estimate up, by a bounded amount.
        var predicted = Milliseconds(tokens, past);
        var error = Math.Clamp(milliseconds, predicted / Outlier, predicted * Outlier) - predicted;
        var drift = 1 + (DriftRate * error / predicted);
        for (var i = 0; i < Sizes.Length; i++)
        {
            _base[i] *= drift;
            _slope[i] *= drift;
        }

        var high = UpperBucket(tokens);
        var low = Math.Max(0, high - 1);
        var share = high == low ? 1 : (double)(tokens - Sizes[low]) / (Sizes[high] - Sizes[low]);
        var variance = Square(Noise * predicted);
        foreach (var (bucket, weight) in (ReadOnlySpan<(int, double)>)[(low, 1 - share), (high, share)])
        {
            _doubts[bucket] = _doubts[bucket].Grown(Forgetting * FixedDoubt * _base[bucket], Forgetting * PerPastDoubt * _base[bucket]);
            variance += weight * weight * _doubts[bucket].OfTime(past);
        }

        foreach (var (bucket, weight) in (ReadOnlySpan<(int, double)>)[(low, 1 - share), (high, share)])
        {
            var (fixedGain, perPastGain) = _doubts[bucket].Gain(past, weight / variance);
            _base[bucket] = Math.Max(1e-4, _base[bucket] + (fixedGain * error));
            _slope[bucket] = Math.Max(0, _slope[bucket] + (perPastGain * error));
            _doubts[bucket] = _doubts[bucket].Less(past, weight * weight / variance);
        }
    }

    private static int UpperBucket(int tokens)
    {
        var high = 0;
        while (high < Sizes.Length - 1 && Sizes[high] < tokens)
        {
            high++;
        }

        return high;
    }

    private double At(int bucket, double past) => _base[bucket] + (_slope[bucket] * past);

    private static double Square(double x) => x * x;

    /// <summary>The covariance of a(n) and b(n).</summary>
    private readonly record struct Doubt(double Fixed, double Both, double PerPast)
    {
        /// <summary>The variance of the time that they give.</summary>
        public double OfTime(double past) => Fixed + (2 * Both * past) + (PerPast * past * past);

        public Doubt Grown(double ofFixed, double ofPerPast) => new(Fixed + Square(ofFixed), Both, PerPast + Square(ofPerPast));

        public (double Fixed, double PerPast) Gain(double past, double scale) =>
            ((Fixed + (Both * past)) * scale, (Both + (PerPast * past)) * scale);

        public Doubt Less(double past, double scale)
        {
            var (a, b) = (Fixed + (Both * past), Both + (PerPast * past));
            return new Doubt(Fixed - (a * a * scale), Both - (a * b * scale), PerPast - (b * b * scale));
        }
    }
}
