namespace Connector.Decoding.Speculation;

/// <summary>Measures a <see cref="StepCostModel"/> when a model is loaded.</summary>
internal static class StepCostCalibration
{
    private const int Rounds = 3;
    private const int LeastSizes = 3;

    // Costs jump up behind a multiple of four and fall again at the next one, by no more than this.
    private const double HighestTooth = 1.25;
    private const int ToothWidth = 4;

    // The sizes that tell most come first: the rest is on the lines between them.
    private static readonly int[] s_order = [1, 2, 4, 8, 16, 3, 6, 12, 5, 7, 10, 24, 32, 64, 48];

    /// <summary>
    /// Times calls of several sizes, at least 1, 2 and 4, in several rounds over all of them: a disturbance that lasts meets one round and
    /// not one size. The sizes are as many as fit so often into the time.
    /// </summary>
    /// <param name="evaluate">
    /// Evaluates a number of tokens, with logits of all, in an empty cache; returns how long it took, or null where it is
    /// more than one call can hold.
    /// </param>
    /// <param name="limit">The time to spend. Default in the engine: 300 ms.</param>
    public static StepCostModel Measure(Func<int, TimeSpan?> evaluate, TimeSpan limit)
    {
        var spent = evaluate(1) ?? TimeSpan.Zero; // The first call allocates and warms caches.
        var cost = new SortedList<int, double>();
        foreach (var size in s_order)
        {
            if (cost.Count >= LeastSizes && spent >= limit / Rounds)
            {
                break;
            }

            if (evaluate(size) is { } time)
            {
                cost[size] = Milliseconds(time);
                spent += time;
            }
        }

        int[] measured = [.. cost.Keys];
        for (var round = 1; round < Rounds && spent < limit; round++)
        {
            foreach (var size in measured)
            {
                if (evaluate(size) is { } time)
                {
                    cost[size] = Math.Min(cost[size], Milliseconds(time));
                    spent += time;
                }
            }
        }

        // Disturbance only adds: a call that seems dearer than a larger one was measured in a worse moment.
        var larger = double.PositiveInfinity;
        foreach (var size in measured.Reverse())
        {
            cost[size] = Math.Min(cost[size], larger * (size > ToothWidth && size % ToothWidth > 0 ? HighestTooth : 1));
            larger = Math.Min(larger, cost[size]);
        }

        return StepCostModel.Through([.. cost.Select(point => (point.Key, point.Value))]);
    }

    private static double Milliseconds(TimeSpan time) => Math.Max(1e-4, time.TotalMilliseconds);
}
