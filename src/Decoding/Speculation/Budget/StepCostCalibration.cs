namespace Connector.Decoding.Speculation;

/// <summary>Measures a <see cref="StepCostModel"/> when a model is loaded.</summary>
internal static class StepCostCalibration
{
    private const int Repeats = 2;

    /// <summary>
    /// Times calls of growing size until the time is used up, at least sizes 1 to 4; larger sizes go on with the last slope.
    /// </summary>
    /// <param name="evaluate">
    /// Evaluates a number of tokens, with logits of all, in an empty cache; returns how long it took, or null where it is
    /// more than one call can hold.
    /// </param>
    /// <param name="limit">The time to spend. Default in the engine: 300 ms.</param>
    public static StepCostModel Measure(Func<int, TimeSpan?> evaluate, TimeSpan limit)
    {
        var sizes = StepCostModel.Buckets;
        var cost = new double[sizes.Length];
        var spent = evaluate(1) ?? TimeSpan.Zero; // The first call allocates and warms caches.
        var measured = 0;
        for (; measured < sizes.Length && (measured < 3 || spent < limit); measured++)
        {
            var fastest = TimeSpan.MaxValue;
            for (var i = 0; i < Repeats && evaluate(sizes[measured]) is { } time; i++)
            {
                spent += time;
                fastest = time < fastest ? time : fastest;
            }

            if (fastest == TimeSpan.MaxValue)
            {
                break;
            }

            cost[measured] = Math.Max(1e-4, fastest.TotalMilliseconds);
        }

        // Disturbance only adds: a call that seems dearer than a larger one was measured in a worse moment.
        for (var i = measured - 2; i >= 0; i--)
        {
            cost[i] = Math.Min(cost[i], cost[i + 1]);
        }

        Extrapolate(cost, measured);
        return new StepCostModel(cost, new double[sizes.Length]);
    }

    private static void Extrapolate(double[] cost, int measured)
    {
        var sizes = StepCostModel.Buckets;
        ArgumentOutOfRangeException.ThrowIfLessThan(measured, 1);
        var slope = measured == 1 ? cost[0] : (cost[measured - 1] - cost[measured - 2]) / (sizes[measured - 1] - sizes[measured - 2]);
        for (var i = measured; i < sizes.Length; i++)
        {
            cost[i] = cost[i - 1] + (slope * (sizes[i] - sizes[i - 1]));
        }
    }
}
