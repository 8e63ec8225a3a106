namespace Connector.Decoding.Speculation;

/// <summary>
/// What one call of the deciding model costs: t(n, past) = a(n) + b(n)·past milliseconds for n tokens with past tokens
/// in the cache, on a few batch sizes and linear between them. Measured when the model is loaded, corrected by every
/// step afterwards. CPU and GPU kernels have steps and saw-teeth at their own batch sizes, so theory is no help.
/// Not thread-safe.
/// </summary>
internal sealed class StepCostModel
{
    private static readonly int[] Sizes = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64];
    private const double Rate = 0.08;
    private const double DriftRate = 0.02;
    private const double Outlier = 2;
    private const double PastScale = 1000;
    private readonly double[] _base;
    private readonly double[] _slope;

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
        var share = high == low ? 0 : (double)(tokens - Sizes[low]) / (Sizes[high] - Sizes[low]);
        Correct(low, (1 - share) * Rate * error, past);
        Correct(high, share * Rate * error, past);
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

    // Longer pasts can only cost more, and so can a call itself: neither coefficient becomes negative.
    private void Correct(int bucket, double milliseconds, double past)
    {
        var x = past / PastScale;
        var norm = 1 + (x * x);
        _base[bucket] = Math.Max(1e-4, _base[bucket] + (milliseconds / norm));
        _slope[bucket] = Math.Max(0, _slope[bucket] + (milliseconds * x / norm / PastScale));
    }
}
