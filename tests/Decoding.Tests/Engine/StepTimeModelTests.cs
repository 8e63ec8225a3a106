using Connector.Decoding.Engine;

namespace Connector.Decoding.Tests.Engine;

public sealed class StepTimeModelTests
{
    private static readonly TimeSpan s_budget = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void The_budget_buys_rows_at_what_they_add_to_a_step()
    {
        // 10 ms a step, whatever it holds, and 0.5 ms a row: 20 ms buy 40 rows.
        var model = new StepTimeModel();
        Share(model, _ => 0.5, steps: 20);
        Assert.InRange(model.RowsWithin(s_budget), 38, 42);
    }

    [Fact]
    public void Rows_that_grow_dearer_are_followed()
    {
        // As along a prompt: a row costs 0.5 ms at first and 5 ms 100 steps later. No step is longer by much more than the budget.
        var model = new StepTimeModel();
        var extra = Share(model, step => 0.5 + (4.5 * step / 100), steps: 100);
        Assert.InRange(extra.Skip(3).Max(), 18, 26);
        Assert.InRange(model.RowsWithin(s_budget), 4, 5);
    }

    [Fact]
    public void Steps_of_prompts_alone_are_the_first_guess_and_no_more()
    {
        var model = new StepTimeModel();
        Assert.Equal(32, model.RowsWithin(s_budget));
        model.Observe(500, 0, TimeSpan.FromMilliseconds(100));
        Assert.Equal(100, model.RowsWithin(s_budget));
        Share(model, _ => 2, steps: 20);
        model.Observe(500, 0, TimeSpan.FromMilliseconds(100));
        Assert.InRange(model.RowsWithin(s_budget), 9, 11);
    }

    [Fact]
    public void One_step_that_was_held_up_halves_the_next_chunk_at_worst()
    {
        var model = new StepTimeModel();
        Share(model, _ => 0.5, steps: 20);
        model.Observe(40, 2, TimeSpan.FromSeconds(30));
        Assert.InRange(model.RowsWithin(s_budget), 20, 40);
    }

    [Fact]
    public void Prompts_get_on_whatever_a_row_costs()
    {
        var model = new StepTimeModel();
        Share(model, _ => 1000, steps: 10);
        Assert.Equal(1, model.RowsWithin(s_budget));
    }

    /// <summary>Two answers run, and then a prompt shares so many steps with them, in chunks as the model says; how much longer each was, in ms.</summary>
    private static List<double> Share(StepTimeModel model, Func<int, double> perRow, int steps)
    {
        for (var i = 0; i < 10; i++)
        {
            model.Observe(0, 2, TimeSpan.FromMilliseconds(10));
        }

        var extra = new List<double>();
        for (var step = 0; step < steps; step++)
        {
            var rows = model.RowsWithin(s_budget);
            extra.Add(perRow(step) * rows);
            model.Observe(rows, 2, TimeSpan.FromMilliseconds(10 + extra[^1]));
        }

        return extra;
    }
}
