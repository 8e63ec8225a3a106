using Connector.Decoding.Engine;

namespace Connector.Decoding.Tests.Engine;

public sealed class StepTimeModelTests
{
    [Fact]
    public void The_budget_buys_rows_at_the_slope_of_recent_steps_not_at_their_average()
    {
        // 10 ms a step and 0.5 ms a row: 20 ms buy 40 rows.
        var model = Learned(rows => 10 + (0.5 * rows));
        Assert.InRange(model.RowsWithin(TimeSpan.FromMilliseconds(20)), 38, 42);
    }

    [Fact]
    public void One_step_that_was_held_up_changes_the_answer_by_less_than_ten_times()
    {
        var model = Learned(rows => 10 + (0.5 * rows));
        model.Observe(8, TimeSpan.FromSeconds(30));
        Assert.InRange(model.RowsWithin(TimeSpan.FromMilliseconds(20)), 4, 400);
    }

    [Fact]
    public void Prompts_get_on_whatever_a_row_costs() =>
        Assert.Equal(4, Learned(rows => 1000.0 * rows).RowsWithin(TimeSpan.FromMilliseconds(50)));

    private static StepTimeModel Learned(Func<int, double> milliseconds)
    {
        var model = new StepTimeModel();
        for (var i = 0; i < 50; i++)
        {
            var rows = 1 + (i * 7 % 40);
            model.Observe(rows, TimeSpan.FromMilliseconds(milliseconds(rows)));
        }

        return model;
    }
}
