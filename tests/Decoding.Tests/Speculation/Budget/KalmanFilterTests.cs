using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Speculation.Budget;

public sealed class KalmanFilterTests
{
    private static readonly double[] s_nothing = [double.NegativeInfinity, double.NegativeInfinity];

    [Fact]
    public void The_example_of_the_summary()
    {
        var filter = new KalmanFilter([10, 10]);
        var half = Math.Sqrt(0.5);
        filter.Doubt([half, half], together: half / 10);

        filter.Correct([1, 0], surprise: 1, noise: 1, s_nothing);

        Assert.Equal(10.5, filter.Values[0], 1e-9);
        Assert.Equal(10.25, filter.Values[1], 1e-9);
    }

    [Fact]
    public void Sums_tell_the_numbers_apart()
    {
        // 3 and 5 are never seen alone.
        var filter = new KalmanFilter([1, 1]);
        filter.Doubt([10, 10], 0);
        for (var i = 0; i < 200; i++)
        {
            double[] weights = [1, i % 7];
            filter.Correct(weights, (3 * weights[0]) + (5 * weights[1]) - filter.Sum(weights), noise: 0.5, s_nothing);
        }

        Assert.Equal(3, filter.Values[0], 0.05);
        Assert.Equal(5, filter.Values[1], 0.05);
    }

    [Fact]
    public void What_nobody_doubts_does_not_move_and_nothing_falls_below_its_least()
    {
        var filter = new KalmanFilter([1, 1]);
        filter.Doubt([0, 1], 0);

        filter.Correct([1, 1], surprise: -50, noise: 0.1, [0, 0.25]);

        Assert.Equal([1, 0.25], filter.Values.ToArray());
    }
}
