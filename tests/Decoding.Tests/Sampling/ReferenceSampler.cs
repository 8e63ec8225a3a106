using Connector.Decoding.Constraints;
using Connector.Decoding.Sampling;

namespace Connector.Decoding.Tests.Sampling;

/// <summary>The sampler as its definition reads, in double precision over whole rows: slow and obvious.</summary>
internal static class ReferenceSampler
{
    public static int Sample(float[] row, SamplingOptions o, TokenHistory history, int position, TokenMask? mask)
    {
        var tokens = history.Tokens.ToArray();
        var answer = history.Generated.ToArray();
        var l = row.Select(x => (double)x).ToArray();
        foreach (var (token, bias) in o.LogitBias)
        {
            l[token] += bias;
        }

        var window = tokens.TakeLast(o.RepetitionWindow).ToHashSet();
        for (var t = 0; t < l.Length; t++)
        {
            var count = answer.Count(x => x == t);
            l[t] -= (o.FrequencyPenalty * count) + (count > 0 ? o.PresencePenalty : 0);
            if (window.Contains(t))
            {
                l[t] = l[t] > 0 ? l[t] / o.RepetitionPenalty : l[t] * o.RepetitionPenalty;
            }

            l[t] -= DryPenalty(tokens, t, o);
            l[t] = mask is null || mask.Contains(t) ? l[t] : double.NegativeInfinity;
        }

        var order = Enumerable.Range(0, l.Length).Where(t => !double.IsNegativeInfinity(l[t])).OrderByDescending(t => l[t]).ThenBy(t => t).ToList();
        if (o.Temperature == 0)
        {
            return order[0];
        }

        l = [.. l.Select(x => x / o.Temperature)];
        return Truncate(order, l, o).MaxBy(t => l[t] + GumbelNoise.At(o.Seed, position, t));
    }

    public static List<int> Truncate(List<int> order, double[] l, SamplingOptions o)
    {
        if (o.TopK > 0)
        {
            order = [.. order.Take(o.TopK)];
        }

        order = Nucleus(order, Probabilities(order, l), o.TopP);
        order = [.. order.Where(t => l[t] >= l[order[0]] + Math.Log(o.MinP))];
        var p = Probabilities(order, l);
        var entropy = -order.Sum(t => p[t] == 0 ? 0 : p[t] * Math.Log(p[t]));
        return o.TypicalP >= 1 ? order : Nucleus([.. order.OrderBy(t => Math.Abs(-Math.Log(p[t]) - entropy))], p, o.TypicalP);
    }

    private static double DryPenalty(int[] tokens, int next, SamplingOptions o)
    {
        var longest = 0;
        for (var end = 0; end < tokens.Length - 1; end++)
        {
            var match = 0;
            while (match <= end && tokens[end - match] == tokens[tokens.Length - 1 - match])
            {
                match++;
            }

            longest = tokens[end + 1] == next ? Math.Max(longest, match) : longest;
        }

        return o.DryMultiplier == 0 || longest == 0 || longest < o.DryAllowedLength ? 0 : o.DryMultiplier * Math.Pow(o.DryBase, longest - o.DryAllowedLength);
    }

    private static Dictionary<int, double> Probabilities(List<int> order, double[] l)
    {
        var max = order.Max(t => l[t]);
        var sum = order.Sum(t => Math.Exp(l[t] - max));
        return order.ToDictionary(t => t, t => Math.Exp(l[t] - max) / sum);
    }

    private static List<int> Nucleus(List<int> order, Dictionary<int, double> p, double limit)
    {
        double reached = 0;
        var kept = new List<int>();
        foreach (var token in order)
        {
            kept.Add(token);
            reached += p[token];
            if (limit < 1 && reached >= limit)
            {
                break;
            }
        }

        return kept;
    }
}
