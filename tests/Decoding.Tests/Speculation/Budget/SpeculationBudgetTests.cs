using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Speculation.Budget;

public sealed class SpeculationBudgetTests
{
    private static readonly double[] s_flat = [10, 10, 10, 10.1, 10.2, 10.3, 10.4, 10.5, 10.7, 11];
    private static readonly double[] s_steep = [10, 20, 40, 80, 120, 160, 240, 320, 480, 640];

    [Fact]
    public void A_steep_curve_decodes_plainly_and_a_flat_one_fills_up()
    {
        Assert.Equal(0, Plan(s_steep, 0.9f, 63));
        Assert.Equal(63, Plan(s_flat, 0.2f, 63));
        Assert.Equal(0, Plan(s_flat, 0.0001f, 63));
    }

    [Fact]
    public void A_saw_tooth_is_jumped_over()
    {
        // Up to 4 tokens cost as much as 4, and 8 cost little more than 4: seven drafts at 0.6 pay, one does not.
        double[] sawTooth = [10, 22, 24, 25, 60, 90, 120, 150, 200, 300];
        Assert.Equal(7, Plan(sawTooth, 0.6f, 20));
        Assert.Equal(0, Plan(sawTooth, 0.6f, 1));
    }

    [Fact]
    public void A_gain_below_three_percent_is_not_worth_it()
    {
        Assert.Equal(0, Plan([10, 10.5, 20, 40, 60, 80, 120, 160, 240, 320], 0.07f, 8));
        Assert.Equal(1, Plan([10, 10.5, 20, 40, 60, 80, 120, 160, 240, 320], 0.10f, 8));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void However_wrong_the_estimates_it_costs_one_percent_and_twenty_milliseconds(int seed)
    {
        // The estimates promise nine in ten, nothing is ever accepted, and the calibration was taken on a faster day.
        var random = new Random(seed);
        var budget = new SpeculationBudget(Curves.Through(s_flat));
        var (plain, spent, largestStep) = (0.0, 0.0, 0.0);
        budget.Ledger.Restart();
        for (var step = 0; step < 20000; step++)
        {
            var drafted = Drafts(budget, 0.9f, 8);
            var time = drafted == 0 ? 10 : 10 + (random.NextDouble() * 10);
            budget.Observe(drafted, 1, time, own: 0);
            plain += 10;
            spent += time;
            largestStep = Math.Max(largestStep, time - 10);
        }

        Assert.True(spent <= (plain * 1.01) + 20 + largestStep, $"{spent} against {plain}");
    }

    [Fact]
    public void A_run_that_gains_is_not_held_back()
    {
        var budget = new SpeculationBudget(Curves.Through(s_flat));
        for (var step = 0; step < 1000; step++)
        {
            var drafted = Drafts(budget, 0.5f, 8);
            Assert.True(drafted > 0);
            budget.Observe(drafted, step % 2 == 0 ? 2 : 1, 10.1, own: 0);
        }

        Assert.True(budget.Ledger.Regret < -4000);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.3)]
    [InlineData(5)]
    public void Watching_in_vain_costs_no_more_either(double own)
    {
        // Nothing is ever worth drafting, and finding that out takes its time on a model whose steps take 1 ms.
        var budget = new SpeculationBudget(Curves.Through([1, 9, 9, 9, 9, 9, 9, 9, 9, 9]));
        budget.Ledger.Restart();
        var (plain, spent) = (0.0, 0.0);
        for (var step = 0; step < 50_000; step++)
        {
            var watching = Drafts(budget, 0.1f, 8) == 0 && !budget.Ledger.IsSilent ? own : 0;
            budget.Observe(0, 1, 1, watching);
            plain += 1;
            spent += 1 + watching;
        }

        // Back-off grows up to 1,024 steps, so a few looks come on top.
        Assert.True(spent <= (plain * 1.01) + 20 + (70 * own), $"{spent} against {plain}");
    }

    [Fact]
    public void A_step_puts_no_more_at_stake_than_six_plain_ones_or_what_was_saved()
    {
        // Eight tokens cost as much as seven or eight single ones: all of them nearly sure, they would be worth it.
        double[] within = [10, 69, 69, 69, 200, 300, 400, 500, 600, 700];
        double[] beyond = [10, 71, 71, 71, 200, 300, 400, 500, 600, 700];
        Assert.Equal(7, Plan(within, 0.99f, 7));
        Assert.Equal(0, Plan(beyond, 0.99f, 7));

        var budget = new SpeculationBudget(Curves.Through(beyond));
        budget.Begin(1, 0);
        for (var step = 0; step < 10; step++)
        {
            budget.Observe(7, 8, 75, own: 0);
        }

        Assert.Equal(7, Drafts(budget, 0.99f, 7));
    }

    [Fact]
    public void What_happens_once_is_not_what_steps_take()
    {
        // Thirty milliseconds of compiling in two of many steps, and otherwise a hundredth of a step.
        var budget = new SpeculationBudget(Curves.Through(s_flat));
        for (var step = 0; step < 100; step++)
        {
            Drafts(budget, 0.1f, 8);
            budget.Observe(0, 1, 10, own: step is 20 or 60 ? 30 : 0.1);
            Assert.False(budget.Ledger.IsBackingOff);
        }

        Assert.InRange(budget.Ledger.Regret, 9.8, 11);
    }

    [Fact]
    public void A_small_model_may_lose_less_than_a_large_one()
    {
        var (small, large) = (LossUntilOff(0.5), LossUntilOff(50));

        Assert.InRange(small, 2, 2.5);
        Assert.InRange(large, 20, 70);

        // Every draft is wrong and doubles the step.
        static double LossUntilOff(double plain)
        {
            var budget = new SpeculationBudget(Curves.Through([.. s_flat.Select(t => t * plain / 10)]));
            while (!budget.Ledger.IsBackingOff)
            {
                budget.Observe(Drafts(budget, 0.9f, 8), 1, 2 * plain, own: 0);
            }

            return budget.Ledger.Regret;
        }
    }

    [Fact]
    public void A_new_run_may_lose_half_again()
    {
        var budget = new SpeculationBudget(Curves.Through(s_flat));
        while (!budget.Ledger.IsBackingOff)
        {
            budget.Observe(Drafts(budget, 0.9f, 8), 1, 20, own: 0);
        }

        budget.Ledger.Restart();

        Assert.False(budget.Ledger.IsBackingOff);
        Assert.Equal(10, budget.Ledger.Regret, 0.5);
    }

    private static int Plan(double[] curve, float probability, int nodes) =>
        Drafts(new SpeculationBudget(Curves.Through(curve)), probability, nodes);

    private static int Drafts(SpeculationBudget budget, float probability, int nodes)
    {
        budget.Begin(1, 0);
        if (budget.Ledger.IsBackingOff)
        {
            return 0;
        }

        while (budget.Taken < nodes && budget.IsWorth(probability))
        {
            budget.Take(probability);
        }

        return budget.Best;
    }
}
