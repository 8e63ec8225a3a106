namespace Connector.Decoding.Sampling;

/// <summary>
/// How many candidates stay. Pure functions over logits in descending order; each answers how long a prefix survives
/// (typical-p, whose survivors are no prefix, reorders first). At least one always does.
/// </summary>
internal static class Truncation
{
    /// <summary>Nucleus sampling: the shortest prefix whose probability reaches <paramref name="p"/>.</summary>
    /// <param name="sorted">Logits, largest first.</param>
    /// <param name="p">The probability to reach.</param>
    /// <param name="logNormalizer">ln Σ exp(logit) over all candidates, of which <paramref name="sorted"/> may be the head.</param>
    public static int TopP(ReadOnlySpan<float> sorted, float p, double logNormalizer)
    {
        double reached = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            reached += Math.Exp(sorted[i] - logNormalizer);
            if (reached >= p)
            {
                return i + 1;
            }
        }

        return sorted.Length;
    }

    /// <summary>The prefix of candidates at least <paramref name="p"/> times as likely as the first.</summary>
    public static int MinP(ReadOnlySpan<float> sorted, float p)
    {
        var threshold = MinPThreshold(sorted[0], p);
        var count = 1;
        while (count < sorted.Length && sorted[count] >= threshold)
        {
            count++;
        }

        return count;
    }

    /// <summary>The smallest logit that min-p lets through.</summary>
    public static float MinPThreshold(float largest, float p) => (float)(largest + Math.Log(p));

    /// <summary>
    /// Locally typical sampling: reorders candidates by how far their surprise is from the entropy and answers the
    /// shortest prefix whose probability reaches <paramref name="p"/>. Ties: the likelier, then the lower token.
    /// </summary>
    /// <param name="tokens">The candidates, in the order of <paramref name="logits"/>; reordered.</param>
    /// <param name="logits">Logits, largest first; reordered.</param>
    /// <param name="p">The probability to reach.</param>
    /// <param name="distribution">Normaliser and entropy of all candidates, of which these may be a part.</param>
    /// <param name="distances">Scratch, as long as the candidates.</param>
    public static int Typical(Span<int> tokens, Span<float> logits, float p, Distribution distribution, Span<ulong> distances)
    {
        for (var i = 0; i < logits.Length; i++)
        {
            var distance = (float)Math.Abs(distribution.LogNormalizer - logits[i] - distribution.Entropy);
            distances[i] = ((ulong)BitConverter.SingleToUInt32Bits(distance) << 32) | (uint)i;
        }

        distances = distances[..logits.Length];
        distances.Sort();
        double reached = 0;
        var keep = 0;
        while (keep < distances.Length && reached < p)
        {
            reached += Math.Exp(logits[(int)(uint)distances[keep++]] - distribution.LogNormalizer);
        }

        // Kept candidates move to the front in their old order: no second buffer, and the result stays descending.
        distances[..keep].Sort(static (a, b) => ((uint)a).CompareTo((uint)b));
        for (var i = 0; i < keep; i++)
        {
            var from = (int)(uint)distances[i];
            (tokens[i], logits[i]) = (tokens[from], logits[from]);
        }

        return keep;
    }
}

/// <summary>What a set of logits sums up to.</summary>
/// <param name="LogNormalizer">ln Σ exp(logit): a token's surprise is this less its logit.</param>
/// <param name="Entropy">In nats.</param>
internal readonly record struct Distribution(double LogNormalizer, double Entropy)
{
    /// <summary>Of a short list of logits, largest first.</summary>
    public static Distribution OfSorted(ReadOnlySpan<float> sorted)
    {
        double sum = 0, weighted = 0;
        foreach (var logit in sorted)
        {
            var shifted = (double)logit - sorted[0];
            var weight = Math.Exp(shifted);
            sum += weight;
            weighted += weight == 0 ? 0 : weight * shifted;
        }

        return new Distribution(sorted[0] + Math.Log(sum), Math.Log(sum) - (weighted / sum));
    }
}
