using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Connector.Decoding.Speculation;

/// <summary>The likeliest tokens of a row of logits, in one pass that skips whole blocks below the threshold.</summary>
internal static class TopTokens
{
    private const int Block = 128;

    /// <summary>
    /// Writes the tokens of the largest logits, largest first, and their probabilities among themselves; of equal logits
    /// the smaller token first.
    /// </summary>
    /// <returns>How many were written: fewer than asked for only where the row is shorter, or the rest −∞ or NaN.</returns>
    public static int Select(ReadOnlySpan<float> logits, Span<int> tokens, Span<float> probabilities)
    {
        var count = SelectLogits(logits, tokens, probabilities);
        if (count > 0)
        {
            TensorPrimitives.SoftMax(probabilities[..count], probabilities[..count]);
        }

        return count;
    }

    /// <summary>The same with the logits themselves.</summary>
    public static int SelectLogits(ReadOnlySpan<float> logits, Span<int> tokens, Span<float> largest)
    {
        var count = 0;
        var threshold = float.NegativeInfinity;
        for (var start = 0; start < logits.Length; start += Block)
        {
            var block = logits[start..Math.Min(start + Block, logits.Length)];
            if (!AnyAbove(block, threshold))
            {
                continue;
            }

            for (var i = 0; i < block.Length; i++)
            {
                if (block[i] > threshold)
                {
                    count = Insert(start + i, block[i], count, tokens, largest);
                    threshold = count == tokens.Length ? largest[count - 1] : float.NegativeInfinity;
                }
            }
        }

        return count;
    }

    private static bool AnyAbove(ReadOnlySpan<float> block, float threshold)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(block);
        var largest = new Vector<float>(float.NegativeInfinity);
        foreach (ref readonly var vector in vectors)
        {
            largest = Vector.ConditionalSelect(Vector.GreaterThan(vector, largest), vector, largest);
        }

        var isAbove = Vector.GreaterThanAny(largest, new Vector<float>(threshold));
        foreach (var logit in block[(vectors.Length * Vector<float>.Count)..])
        {
            isAbove |= logit > threshold;
        }

        return isAbove;
    }

    private static int Insert(int token, float logit, int count, Span<int> tokens, Span<float> logits)
    {
        var hole = Math.Min(count, tokens.Length - 1);
        while (hole > 0 && logits[hole - 1] < logit)
        {
            tokens[hole] = tokens[hole - 1];
            logits[hole] = logits[hole - 1];
            hole--;
        }

        tokens[hole] = token;
        logits[hole] = logit;
        return Math.Min(count + 1, tokens.Length);
    }
}
