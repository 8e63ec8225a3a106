using System.Numerics;
using System.Numerics.Tensors;

namespace Connector.Decoding.Sampling;

/// <summary>The token of the largest logit + noise: a sample from the softmax of the logits. Lowest token among equals.</summary>
internal static class GumbelArgmax
{
    private const int Block = 256;

    /// <summary>Over a short list of candidates.</summary>
    public static int OverList(ReadOnlySpan<int> tokens, ReadOnlySpan<float> logits, in GumbelNoise.Key key)
    {
        var best = new Best();
        for (var i = 0; i < tokens.Length; i++)
        {
            best.Consider(tokens[i], logits[i], key.Hash((uint)tokens[i]));
        }

        return best.Token;
    }

    /// <summary>
    /// Over a whole row. Two logarithms for every token would cost more than a step of a small model, and nearly no token can
    /// win: noise falls with the hash, so the best score so far and the largest logit of a block bound the hash that a winner in this block
    /// may have. Hashes are compared a vector at a time, and only the few below the bound are scored. The result is exact.
    /// </summary>
    public static int OverRow(ReadOnlySpan<float> logits, in GumbelNoise.Key key)
    {
        var best = new Best();
        var likeliest = TensorPrimitives.IndexOfMax(logits);
        best.Consider(likeliest, logits[likeliest], key.Hash((uint)likeliest));
        for (var start = 0; start < logits.Length; start += Block)
        {
            var block = logits.Slice(start, Math.Min(Block, logits.Length - start));
            var gap = best.Score - TensorPrimitives.Max(block);
            if (gap <= GumbelNoise.Maximum)
            {
                Scan(block, start, GumbelNoise.LargestHashAbove(gap), key, ref best);
            }
        }

        return best.Token;
    }

    private static void Scan(ReadOnlySpan<float> block, int start, uint limit, in GumbelNoise.Key key, ref Best best)
    {
        var i = 0;
        var limits = new Vector<uint>(limit);
        for (; i <= block.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            var hashes = key.Hash(Vector.CreateSequence((uint)(start + i), 1u));
            if (Vector.LessThanOrEqualAny(hashes, limits))
            {
                for (var lane = 0; lane < Vector<uint>.Count; lane++)
                {
                    if (hashes[lane] <= limit)
                    {
                        best.Consider(start + i + lane, block[i + lane], hashes[lane]);
                    }
                }
            }
        }

        for (; i < block.Length; i++)
        {
            best.Consider(start + i, block[i], key.Hash((uint)(start + i)));
        }
    }

    private ref struct Best
    {
        public Best()
        {
        }

        public int Token { get; private set; } = -1;

        public double Score { get; private set; } = double.NegativeInfinity;

        public void Consider(int token, float logit, uint hash)
        {
            // The cheapest bound first: even the largest noise would not do.
            if (logit + GumbelNoise.Maximum < Score)
            {
                return;
            }

            var score = logit + GumbelNoise.FromHash(hash);
            if (score > Score || (score == Score && token < Token))
            {
                (Token, Score) = (token, score);
            }
        }
    }
}
