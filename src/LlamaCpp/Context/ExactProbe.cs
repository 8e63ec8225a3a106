using Connector.Decoding;

namespace Connector.LlamaCpp;

/// <summary>
/// Finds out whether this processor's kernels treat every token of a batch alone, as exact mode needs: the same few tokens are evaluated one by
/// one and several at once on a fresh context, which is left empty. Which kernels run depends on the processor and on how the weights are
/// stored, so only trying tells.
/// </summary>
internal static class ExactProbe
{
    private const int Tokens = 16;

    // Kernels change at few tokens and at multiples of them.
    private static readonly int[][] s_cuts = [[2, 3, 4, 5, 2], [8, 8], [16]];

    /// <summary>Throws where logits depend on what else is in a batch.</summary>
    /// <exception cref="ArgumentException">They do; the message says by how much.</exception>
    public static void Require(LlamaContext context, LlamaModel model)
    {
        var batch = new TokenBatch(context.MaxBatchTokens);
        var most = Math.Min(context.MaxOutputs, context.MaxBatchTokens);
        var expected = new float[Math.Min(Tokens, context.Capacity)][];
        Evaluate(Enumerable.Repeat(1, expected.Length), (position, logits) => expected[position] = logits.ToArray());
        foreach (var cut in s_cuts)
        {
            Evaluate(cut.Select(size => Math.Min(size, most)), (position, logits) =>
            {
                if (!logits.SequenceEqual(expected[position]))
                {
                    throw new ArgumentException(
                        $"ExactMode is not possible: on this processor the logits of '{model.Name}' depend on how many tokens a call evaluates "
                        + $"(they differ by up to {Difference(logits, expected[position]):G2}). Those of Q8_0 and Q4_0 weights do not; those of some others only "
                        + $"where the model is loaded with {nameof(LlamaModelOptions.RepackWeights)} = false.",
                        nameof(context));
                }
            });
        }

        void Evaluate(IEnumerable<int> sizes, RowSeen seen)
        {
            var position = 0;
            foreach (var size in sizes.TakeWhile(size => position + size <= expected.Length))
            {
                batch.Clear();
                for (var i = 0; i < size; i++)
                {
                    // Any tokens will do.
                    const int stride = 7919;
                    batch.Add((int)((long)(position + i) * stride % model.Vocabulary.Count), position + i, 0, wantsLogits: true);
                }

                context.Evaluate(batch);
                for (var i = 0; i < size; i++)
                {
                    seen(position + i, context.Logits(i));
                }

                position += size;
            }

            context.Truncate(0, 0);
        }
    }

    private static float Difference(ReadOnlySpan<float> some, ReadOnlySpan<float> others)
    {
        var most = 0f;
        for (var i = 0; i < some.Length; i++)
        {
            most = Math.Max(most, Math.Abs(some[i] - others[i]));
        }

        return most;
    }

    private delegate void RowSeen(int position, ReadOnlySpan<float> logits);
}
