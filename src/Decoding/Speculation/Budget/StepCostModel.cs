namespace Connector.Decoding.Speculation;

/// <summary>
/// What one call of the deciding model costs: t(n, past) = a(n) + past · (b + c·n) milliseconds for n tokens with past tokens in the cache.
/// a(n) is kept for a few batch sizes and linear between them, because kernels have steps and saw-teeth at sizes of their own; b is the reading of
/// the cache that the rows of a call share, c what each row computes over its past, for all sizes alike. Measured without a past when the model is loaded,
/// corrected by every step afterwards (<see cref="KalmanFilter"/>), so that plain steps in a long context tell what drafts would cost there.
/// Not thread-safe.
/// </summary>
internal sealed class StepCostModel
{
    private static readonly int[] Sizes = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 48, 64];
    private static readonly (int Low, double Share)[] s_places = [.. Enumerable.Range(0, Sizes[^1] + 1).Select(Find)];

    private const double LeastFixed = 1e-4;

    // What took so many times what was predicted was interrupted.
    private const double Outlier = 1.5;

    // Standard deviations as shares of a step's time: of a timed step, of the measurement at the start, and what all sizes and each by itself change by
    // from step to step.
    private const double Noise = 0.15;
    private const double Doubt = 0.1;
    private const double Drift = 0.01;
    private const double OwnDrift = 0.002;

    // Per token of the past, as a share of a step of one token. A processor pays for each row; where that is wrong, the first drafts tell.
    private const double SharedDoubt = 2.5e-4;
    private const double PerRowDoubt = 5e-4;
    private readonly KalmanFilter _filter;
    private readonly double[] _weights = new double[Sizes.Length + 2];
    private readonly double[] _least = new double[Sizes.Length + 2];
    private readonly double[] _deviations = new double[Sizes.Length + 2];

    /// <summary>A model from measured coefficients.</summary>
    /// <param name="fixedCost">a(n) in milliseconds at <see cref="Buckets"/>.</param>
    /// <param name="shared">b in milliseconds per cached token. Default 0: to be learnt.</param>
    /// <param name="perRow">c in milliseconds per cached token and token of the batch. Default 0: to be learnt.</param>
    /// <exception cref="ArgumentException">A cost is no positive number, or b or c is negative.</exception>
    public StepCostModel(ReadOnlySpan<double> fixedCost, double shared = 0, double perRow = 0)
    {
        if (fixedCost.Length != Sizes.Length)
        {
            throw new ArgumentException($"A cost model has {Sizes.Length} batch sizes.", nameof(fixedCost));
        }

        foreach (var cost in fixedCost)
        {
            if (!(cost > 0 && double.IsFinite(cost)))
            {
                throw new ArgumentException($"A call takes a positive time, not {cost}.", nameof(fixedCost));
            }
        }

        if (!(shared >= 0 && perRow >= 0 && double.IsFinite(shared + perRow)))
        {
            throw new ArgumentException($"A past of more tokens takes no less time; {shared} and {perRow} were given.", nameof(perRow));
        }

        _filter = new KalmanFilter([.. fixedCost, shared, perRow]);
        _least.AsSpan(0, Sizes.Length).Fill(LeastFixed);
        BeInDoubt(Doubt, Doubt, SharedDoubt, PerRowDoubt);
    }

    /// <summary>The batch sizes of a(n).</summary>
    public static ReadOnlySpan<int> Buckets => Sizes;

    /// <summary>a(n) in milliseconds, per bucket.</summary>
    public ReadOnlySpan<double> Fixed => _filter.Values[..Sizes.Length];

    /// <summary>b in milliseconds per cached token.</summary>
    public double Shared => _filter.Values[^2];

    /// <summary>c in milliseconds per cached token and token of the batch.</summary>
    public double PerRow => _filter.Values[^1];

    /// <summary>A model without a past from a few measured points: straight lines between them, and the last one goes on.</summary>
    /// <param name="points">Tokens and milliseconds, ascending from one token; at least one.</param>
    public static StepCostModel Through(IReadOnlyList<(int Tokens, double Milliseconds)> points)
    {
        if (points.Count == 0)
        {
            throw new ArgumentException("A cost model goes through at least one point.", nameof(points));
        }

        return new StepCostModel([.. Sizes.Select(size => Between(points, size))]);
    }

    /// <summary>What a number of tokens costs on straight lines between measured points, the last of which goes on; one point is a line from nothing.</summary>
    public static double Between(IReadOnlyList<(int Tokens, double Cost)> points, int size)
    {
        if (points.Count == 1)
        {
            return points[0].Cost * size;
        }

        if (size > points[^1].Tokens && points[^1].Cost < points[^2].Cost)
        {
            // More tokens are never cheaper for long.
            return points[^1].Cost;
        }

        var high = 1;
        while (high < points.Count - 1 && points[high].Tokens < size)
        {
            high++;
        }

        var ((from, low), (to, above)) = (points[high - 1], points[high]);
        return low + ((above - low) * (size - from) / (to - from));
    }

    /// <summary>The milliseconds a call with <paramref name="tokens"/> tokens takes.</summary>
    /// <param name="tokens">Tokens of the batch, at least 1. Beyond the last bucket the last slope goes on.</param>
    /// <param name="past">Tokens in the cache that it attends to.</param>
    public double Milliseconds(int tokens, double past)
    {
        var (low, share) = Place(tokens);
        var (below, above) = (Fixed[low], Fixed[low + 1]);
        var fixedCost = share > 1 ? above + ((share - 1) * Math.Max(0, above - below)) : below + (share * (above - below));
        return fixedCost + (past * (Shared + (tokens * PerRow)));
    }

    /// <summary>Corrects the model by a step that was timed.</summary>
    public void Observe(int tokens, double past, double milliseconds)
    {
        if (tokens > Sizes[^1])
        {
            return;
        }

        var (low, share) = Place(tokens);
        Array.Clear(_weights);
        _weights[low] = 1 - share;
        _weights[low + 1] += share;
        _weights[^2] = past;
        _weights[^1] = past * tokens;

        // What was interrupted may still pull the estimate up, by a bounded amount.
        var predicted = Milliseconds(tokens, past);
        var surprise = Math.Clamp(milliseconds, predicted / Outlier, predicted * Outlier) - predicted;
        BeInDoubt(Drift, OwnDrift, Drift * SharedDoubt, Drift * PerRowDoubt);
        _filter.Correct(_weights, surprise, Noise * predicted, _least);
    }

    private void BeInDoubt(double together, double ofFixed, double ofShared, double ofPerRow)
    {
        for (var i = 0; i < Sizes.Length; i++)
        {
            _deviations[i] = ofFixed * Fixed[i];
        }

        _deviations[^2] = ofShared * Fixed[0];
        _deviations[^1] = ofPerRow * Fixed[0];
        _filter.Doubt(_deviations, together);
    }

    // The bucket at or below a size, and how far it is on the way to the next one; beyond the last one more than all the way.
    private static (int Low, double Share) Place(int tokens) => tokens < s_places.Length ? s_places[tokens] : Find(tokens);

    private static (int Low, double Share) Find(int tokens)
    {
        var low = 0;
        while (low < Sizes.Length - 2 && Sizes[low + 1] <= tokens)
        {
            low++;
        }

        return (low, (double)(tokens - Sizes[low]) / (Sizes[low + 1] - Sizes[low]));
    }
}
