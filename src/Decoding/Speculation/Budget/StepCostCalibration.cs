namespace Connector.Decoding.Speculation;

/// <summary>Measures a <see cref="StepCostModel"/> when a model is loaded.</summary>
internal static class StepCostCalibration
{
    private const int Rounds = 4;
    private const int LeastSizes = 3;

    /// <summary>
    /// Times calls of growing size, at least sizes 1 to 4, in several rounds over all of them: a disturbance that lasts meets one round and
    /// not one size. The sizes are as many as fit so often into the time; larger ones go on with the last slope.
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
        while (measured < sizes.Length && (measured < LeastSizes || spent < limit / Rounds) && evaluate(sizes[measured]) is { } time)
        {
            cost[measured++] = Milliseconds(time);
            spent += time;
        }

        for (var round = 1; round < Rounds && spent < limit; round++)
        {
            for (var i = 0; i < measured && evaluate(sizes[i]) is { } time; i++)
            {
                cost[i] = Math.Min(cost[i], Milliseconds(time));
                spent += time;
            }
        }

        // Disturbance only adds: a call that seems dearer than a larger one was measured in a worse moment.
        for (var i = measured - 2; i >= 0; i--)
        {
            cost[i] = Math.Min(cost[i], cost[i + 1]);
        }

        Extrapolate(cost, measured);
        return new StepCostModel(cost, new double[sizes.Length]);
    }

    private static double Milliseconds(TimeSpan time) => Math.Max(1e-4, time.TotalMilliseconds);

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
