using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Speculation.Budget;

public sealed class StepCostTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"connector-{Guid.NewGuid():n}");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void Costs_are_linear_between_buckets_and_in_the_past()
    {
        var model = new StepCostModel([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], shared: 0.01, perRow: 0.001);

        Assert.Equal(1, model.Milliseconds(1, 0));
        Assert.Equal(9.5, model.Milliseconds(11, 0), 1e-9);
        Assert.Equal(15 + 1, model.Milliseconds(80, 0), 1e-9);
        Assert.Equal(4 + (100 * (0.01 + (4 * 0.001))), model.Milliseconds(4, 100), 1e-9);
    }

    [Fact]
    public void Steps_correct_a_wrong_model()
    {
        static double Truth(int n, double past) => 5 + (0.7 * n) + (n >= 8 ? 3 : 0) + (past * 0.002);
        var model = Curves.Flat;
        var random = new Random(1);
        for (var i = 0; i < 20000; i++)
        {
            var (n, past) = (StepCostModel.Buckets[random.Next(StepCostModel.Buckets.Length)], random.Next(4000));
            model.Observe(n, past, Truth(n, past) * (random.Next(100) == 0 ? 20 : 1));
        }

        foreach (var n in StepCostModel.Buckets)
        {
            Assert.InRange(model.Milliseconds(n, 500) / Truth(n, 500), 0.9, 1.15);
            Assert.InRange(model.Milliseconds(n, 3500) / Truth(n, 3500), 0.9, 1.15);
        }
    }

    [Theory]
    [InlineData(0.0005, 0.003)]
    [InlineData(0.002, 0)]
    public void An_answer_in_a_long_context_leaves_short_ones_as_they_were(double shared, double perRow)
    {
        // Measured at load were calls without a past.
        double Truth(int n, double past) => 5 + (0.7 * n) + (past * (shared + (n * perRow)));
        var model = new StepCostModel([.. StepCostModel.Buckets.ToArray().Select(n => Truth(n, 0))]);
        var random = new Random(1);
        for (var past = 900; past < 1200; past++)
        {
            var n = random.Next(4) == 0 ? random.Next(2, 9) : 1;
            model.Observe(n, past, Truth(n, past) * (0.9 + (0.2 * random.NextDouble())));
        }

        foreach (var n in (int[])[1, 2, 4, 8])
        {
            Assert.InRange(model.Milliseconds(n, 1000) / Truth(n, 1000), 0.85, 1.15);
            Assert.InRange(model.Milliseconds(n, 100) / Truth(n, 100), 0.85, 1.15);
        }
    }

    [Fact]
    public void Plain_steps_in_a_long_context_tell_what_drafts_would_cost_there()
    {
        // Every row attends to its past alone, as with flash attention on a CPU.
        static double Truth(int n, double past) => 5 + (0.7 * n) + (n * past * 0.003);
        var model = new StepCostModel([.. StepCostModel.Buckets.ToArray().Select(n => Truth(n, 0))]);
        var random = new Random(1);
        for (var past = 1500; past < 1520; past++)
        {
            model.Observe(1, past, Truth(1, past) * (0.9 + (0.2 * random.NextDouble())));
        }

        foreach (var n in (int[])[1, 2, 4, 8, 16])
        {
            Assert.InRange(model.Milliseconds(n, 1500) / Truth(n, 1500), 0.75, 1.15);
        }
    }

    [Fact]
    public void A_device_that_slows_down_is_slower_at_every_size()
    {
        static double Truth(int n) => 5 + (0.7 * n);
        var model = new StepCostModel([.. StepCostModel.Buckets.ToArray().Select(n => Truth(n))]);
        for (var step = 0; step < 100; step++)
        {
            model.Observe(1, 0, 1.4 * Truth(1));
        }

        Assert.InRange(model.Milliseconds(1, 0) / Truth(1), 1.38, 1.42);
        Assert.InRange(model.Milliseconds(8, 0) / Truth(8), 1.2, 1.5);
    }

    [Fact]
    public void Calibration_measures_while_it_may_and_draws_lines_between()
    {
        var calls = new List<int>();
        var model = StepCostCalibration.Measure(
            n =>
            {
                calls.Add(n);
                return TimeSpan.FromMilliseconds(10 + n);
            },
            TimeSpan.FromMilliseconds(200));

        Assert.Equal([1, 1, 2, 4, 8, 16, 1, 2, 4, 8, 16, 1, 2, 4, 8, 16], calls);
        Assert.Equal(11, model.Milliseconds(1, 0), 1e-9);
        Assert.Equal(16, model.Milliseconds(6, 0), 1e-9);
        Assert.Equal(74, model.Milliseconds(64, 0), 1e-9);
    }

    [Fact]
    public void A_disturbance_while_calibrating_does_not_stay()
    {
        // From the third to the fifth call something else has the processor.
        var calls = 0;
        var model = StepCostCalibration.Measure(n => TimeSpan.FromMilliseconds(n * (++calls is >= 3 and <= 5 ? 4 : 1)), TimeSpan.FromMilliseconds(60));

        Assert.Equal([1, 2, 4], [model.Milliseconds(1, 0), model.Milliseconds(2, 0), model.Milliseconds(4, 0)]);
    }

    [Fact]
    public void Saw_teeth_of_a_kernel_are_kept()
    {
        static double Truth(int n) => n switch { <= 4 => 10 + n, < 8 => 20 + n, _ => 16 + n };
        var model = StepCostCalibration.Measure(n => TimeSpan.FromMilliseconds(Truth(n)), TimeSpan.FromSeconds(9));

        foreach (var n in StepCostModel.Buckets)
        {
            Assert.Equal(Truth(n), model.Milliseconds(n, 0), 1e-9);
        }
    }

    [Theory]
    [InlineData(10.5, 10)]
    [InlineData(30, 10)]
    public void Larger_calls_are_not_cheaper_for_long(double two, double four)
    {
        // One round only: the disturbance of the call with two tokens stays.
        var model = StepCostCalibration.Measure(
            n => TimeSpan.FromMilliseconds(n switch { 1 => 9, 2 => two, 4 => four, _ => 1000 }), TimeSpan.FromMilliseconds(1));

        Assert.Equal(four, model.Milliseconds(2, 0), 1e-9);
        Assert.True(model.Milliseconds(64, 0) >= four);
        Assert.True(model.Milliseconds(200, 0) >= model.Milliseconds(64, 0));
        Assert.Equal(7, StepCostModel.Through([(1, 5), (6, 8), (8, 7)]).Milliseconds(64, 0));
    }

    [Fact]
    public void Calibration_stops_at_what_a_call_can_hold()
    {
        var model = StepCostCalibration.Measure(n => n <= 2 ? TimeSpan.FromMilliseconds(n) : null, TimeSpan.FromSeconds(9));

        Assert.Equal(64, model.Milliseconds(64, 0), 1e-9);
    }

    [Fact]
    public void A_model_is_kept_for_its_key()
    {
        var store = new StepCostStore(_folder);
        Assert.Null(store.Load("model, cpu, 2 threads"));
        store.Save("model, cpu, 2 threads", new StepCostModel([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], shared: 0.5, perRow: 0.25));

        Assert.Equal(15 + (10 * (0.5 + (64 * 0.25))), store.Load("model, cpu, 2 threads")!.Milliseconds(64, 10));
        Assert.Null(store.Load("model, cpu, 4 threads"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"version":2,"key":"k","fixed":[1],"shared":0,"perRow":0}""")]
    [InlineData("""{"version":2,"key":"k","fixed":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,0],"shared":0,"perRow":0}""")]
    [InlineData("""{"version":2,"key":"k","fixed":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1e999],"shared":0,"perRow":0}""")]
    [InlineData("""{"version":2,"key":"k","fixed":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"shared":0,"perRow":-1}""")]
    [InlineData("""{"version":2,"key":"k","fixed":["a"],"shared":0,"perRow":0}""")]
    [InlineData("""{"version":2,"key":"k","fixed":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"shared":0}""")]
    public void A_damaged_file_is_as_good_as_none(string content)
    {
        var store = new StepCostStore(_folder);
        store.Save("k", Curves.Flat);
        File.WriteAllText(Assert.Single(Directory.GetFiles(_folder)), content);

        Assert.Null(store.Load("k"));
    }
}
