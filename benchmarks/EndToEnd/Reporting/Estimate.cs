using System.Globalization;

namespace Connector.Benchmarks.EndToEnd.Reporting;

/// <summary>The median of repeated measurements with its 95 % interval.</summary>
/// <param name="Median">The median.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
/// <param name="Count">How many measurements.</param>
internal readonly record struct Estimate(double Median, double Low, double High, int Count)
{
    private const int Resamples = 2000;

    /// <summary>The median and its percentile-bootstrap interval (Efron 1979); the resampling is seeded, so equal samples give equal intervals.</summary>
    public static Estimate Of(IReadOnlyCollection<double> samples)
    {
        ArgumentOutOfRangeException.ThrowIfZero(samples.Count, nameof(samples));
        double[] values = [.. samples];
        var random = new Random(1);
        var resample = new double[values.Length];
        var medians = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            for (var j = 0; j < resample.Length; j++)
            {
                resample[j] = values[random.Next(values.Length)];
            }

            medians[i] = MedianInPlace(resample);
        }

        Array.Sort(medians);
        return new Estimate(MedianInPlace(values), Percentile(medians, 0.025), Percentile(medians, 0.975), values.Length);
    }

    /// <summary>The value below which a share of ascending samples lies, interpolated.</summary>
    public static double Percentile(ReadOnlySpan<double> ascending, double share)
    {
        var at = share * (ascending.Length - 1);
        var below = (int)at;
        return below + 1 < ascending.Length
            ? ascending[below] + ((at - below) * (ascending[below + 1] - ascending[below]))
            : ascending[below];
    }

    /// <inheritdoc/>
    public override string ToString() => Count == 1
        ? Number(Median)
        : $"{Number(Median)} ({Number(Low)}–{Number(High)})";

    private static double MedianInPlace(double[] values)
    {
        Array.Sort(values);
        return Percentile(values, 0.5);
    }

    private static string Number(double value) =>
        value.ToString(Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.0" : "0.000", CultureInfo.InvariantCulture);
}
