using System.Numerics.Tensors;

namespace Connector.Decoding.Sampling;

/// <summary>
/// The few tokens of a row that truncation may keep, largest logit first and lowest token first among equals. Reused from
/// token to token; not thread-safe.
/// </summary>
internal sealed class Candidates
{
    /// <summary>Logits are looked at a block at a time: most blocks hold nothing of interest and are skipped whole.</summary>
    private const int Block = 256;

    private float[]? _row;
    private ulong[] _keys = new ulong[1024];
    private int[] _tokens = new int[1024];
    private float[] _logits = new float[1024];
    private int _count;

    public Span<int> Tokens => _tokens.AsSpan(0, _count);

    public Span<float> Logits => _logits.AsSpan(0, _count);

    /// <summary>Room for <see cref="Truncation.Typical"/>.</summary>
    public Span<ulong> Scratch => _keys;

    /// <summary>Keeps the first <paramref name="count"/>.</summary>
    public void Cut(int count) => _count = count;

    /// <summary>The candidates are the given tokens of a row.</summary>
    public void TakeList(ReadOnlySpan<float> row, ReadOnlySpan<int> tokens)
    {
        _count = 0;
        foreach (var token in tokens)
        {
            Push(row[token], token);
        }

        Sort();
    }

    /// <summary>The candidates are the k largest of a row.</summary>
    public void TakeLargest(ReadOnlySpan<float> row, int k)
    {
        _count = 0;
        var threshold = float.NegativeInfinity;
        var full = Math.Max(2 * k, Block * 2);
        for (var start = 0; start < row.Length; start += Block)
        {
            var block = row.Slice(start, Math.Min(Block, row.Length - start));
            if (TensorPrimitives.Max(block) <= threshold)
            {
                continue;
            }

            for (var i = 0; i < block.Length; i++)
            {
                if (block[i] > threshold)
                {
                    Push(block[i], start + i);
                }
            }

            if (_count >= full)
            {
                _keys.AsSpan(0, _count).Sort();
                _count = k;
                threshold = LogitOf(_keys[k - 1]);
            }
        }

        _keys.AsSpan(0, _count).Sort();
        _count = Math.Min(_count, k);
        Unpack();
    }

    /// <summary>The candidates are the tokens of a row with logits from <paramref name="threshold"/> on, never −∞.</summary>
    public void TakeFrom(ReadOnlySpan<float> row, float threshold)
    {
        Gather(row, threshold);
        Sort();
    }

    /// <summary>
    /// The candidates are tokens that together reach a probability, and all others are farther from <paramref name="center"/> than those that do:
    /// the circle around it is widened until it holds enough, which is nearly always at once. Sorting what lies outside would cost far more.
    /// </summary>
    /// <param name="row">The row.</param>
    /// <param name="distribution">Its normaliser.</param>
    /// <param name="center">The surprise, in nats, around which tokens are wanted; 0: the likeliest.</param>
    /// <param name="p">The probability to reach.</param>
    /// <param name="farthest">The surprise from which on no token can be needed.</param>
    public void TakeAround(ReadOnlySpan<float> row, Distribution distribution, double center, float p, double farthest)
    {
        var reach = 3.0;
        do
        {
            reach *= 2;
            Gather(row, (float)(distribution.LogNormalizer - Math.Min(center + reach, farthest)));
        }
        while (center + reach < farthest && Mass(distribution, center, reach) <= p);
        Sort();
    }

    /// <summary>Normaliser and entropy of a whole row.</summary>
    public Distribution DistributionOf(ReadOnlySpan<float> row)
    {
        // Below −200 an exponential is 0 in single precision; a floor keeps −∞ · 0 out of the entropy.
        var max = TensorPrimitives.Max(row);
        var shifted = (_row ??= new float[row.Length]).AsSpan();
        TensorPrimitives.Subtract(row, max, shifted);
        TensorPrimitives.Max(shifted, -200f, shifted);
        double sum = 0, weighted = 0;
        Span<float> weights = stackalloc float[Block];
        for (var start = 0; start < row.Length; start += Block)
        {
            var block = shifted.Slice(start, Math.Min(Block, row.Length - start));
            TensorPrimitives.Exp(block, weights);
            sum += TensorPrimitives.Sum<float>(weights[..block.Length]);
            weighted += TensorPrimitives.Dot<float>(weights[..block.Length], block);
        }

        return new Distribution(max + Math.Log(sum), Math.Log(sum) - (weighted / sum));
    }

    private static float LogitOf(ulong key)
    {
        var ordered = ~(uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((ordered & 0x80000000) != 0 ? ordered & 0x7FFFFFFF : ~ordered);
    }

    /// <summary>Ascending keys are descending logits, then ascending tokens.</summary>
    private static ulong KeyOf(float logit, int token)
    {
        // + 0 turns −0 into +0, so that equal logits have equal keys.
        var bits = BitConverter.SingleToUInt32Bits(logit + 0f);
        var ordered = (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
        return ((ulong)~ordered << 32) | (uint)token;
    }

    private void Gather(ReadOnlySpan<float> row, float threshold)
    {
        _count = 0;
        threshold = Math.Max(threshold, float.MinValue);
        for (var start = 0; start < row.Length; start += Block)
        {
            var block = row.Slice(start, Math.Min(Block, row.Length - start));
            if (TensorPrimitives.Max(block) < threshold)
            {
                continue;
            }

            for (var i = 0; i < block.Length; i++)
            {
                if (block[i] >= threshold)
                {
                    Push(block[i], start + i);
                }
            }
        }
    }

    /// <summary>The probability of the gathered tokens whose surprise is nearer to <paramref name="center"/> than <paramref name="reach"/>.</summary>
    private double Mass(Distribution distribution, double center, double reach)
    {
        double mass = 0;
        foreach (var key in _keys.AsSpan(0, _count))
        {
            var surprise = distribution.LogNormalizer - LogitOf(key);
            mass += Math.Abs(surprise - center) < reach ? Math.Exp(-surprise) : 0;
        }

        return mass;
    }

    private void Push(float logit, int token)
    {
        if (_count == _keys.Length)
        {
            Array.Resize(ref _keys, _keys.Length * 2);
        }

        _keys[_count++] = KeyOf(logit, token);
    }

    private void Sort()
    {
        _keys.AsSpan(0, _count).Sort();
        Unpack();
    }

    private void Unpack()
    {
        if (_tokens.Length < _count)
        {
            _tokens = new int[_keys.Length];
            _logits = new float[_keys.Length];
        }

        for (var i = 0; i < _count; i++)
        {
            _tokens[i] = (int)(uint)_keys[i];
            _logits[i] = LogitOf(_keys[i]);
        }
    }
}
