using Connector.Decoding;

namespace Connector.LlamaCpp;

/// <summary>
/// Tries whether logits depend on how many tokens a call evaluates, which exact mode cannot have: the same tokens are evaluated one by one and
/// several at once on a fresh context, which is left empty. Which kernels run depends on the processor and on how the weights are
/// stored, so only trying tells.
/// </summary>
internal static class ExactProbe
{
    private const int Tokens = 64;

    // Kernels change at few tokens and at multiples of them. The first cut is what the others are compared with.
    private static readonly int[][] s_cuts = [[.. Enumerable.Repeat(1, 16), .. Enumerable.Repeat(8, 6)], [2, 3, 4, 5, 2], [8, 8], [16, 48], [64]];

    /// <summary>The largest difference of a logit; 0 where there is none in any bit.</summary>
    public static float Difference(IModelContext context, int vocabularySize)
    {
        var batch = new TokenBatch(context.MaxBatchTokens);
        var expected = new float[]?[Math.Min(Tokens, context.Capacity)];
        var most = 0f;
        foreach (var cut in s_cuts)
        {
            var position = 0;
            foreach (var size in cut.Select(size => Math.Min(size, context.MaxBatchTokens)).TakeWhile(size => position + size <= expected.Length))
            {
                batch.Clear();
                var silent = Math.Max(0, size - context.MaxOutputs);
                for (var i = 0; i < size; i++)
                {
                    // Any tokens will do.
                    const int stride = 7919;
                    batch.Add((int)((long)(position + i) * stride % vocabularySize), position + i, 0, wantsLogits: i >= silent);
                }

                context.Evaluate(batch);
                for (var i = silent; i < size; i++)
                {
                    most = Math.Max(most, Difference(context.Logits(i), ref expected[position + i]));
                }

                position += size;
            }

            context.Truncate(0, 0);
        }

        return most;
    }

    private static float Difference(ReadOnlySpan<float> logits, ref float[]? expected)
    {
        expected ??= logits.ToArray();
        var most = 0f;
        for (var i = 0; i < logits.Length; i++)
        {
            if (!logits[i].Equals(expected[i]))
            {
                var difference = Math.Abs(logits[i] - expected[i]);
                most = Math.Max(most, float.IsNaN(difference) ? float.PositiveInfinity : difference);
            }
        }

        return most;
    }
}
