using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Connector.Decoding.Sampling;

/// <summary>Changes of single logits by what was written before. Pure but for the scratch they are handed.</summary>
internal static class Penalties
{
    /// <summary>Far below any logit, and still finite after division by a small temperature.</summary>
    private const double Largest = 1e30;

    /// <summary>Adds each token's bias.</summary>
    public static void AddBias(Span<float> logits, ReadOnlySpan<KeyValuePair<int, float>> bias)
    {
        foreach (var (token, value) in bias)
        {
            logits[token] += value;
        }
    }

    /// <summary>OpenAI's additive penalties: frequency · count + presence for every token of the answer.</summary>
    public static void FrequencyAndPresence(Span<float> logits, TokenHistory history, float frequency, float presence)
    {
        foreach (var (token, count) in history.GeneratedCounts)
        {
            logits[token] -= (frequency * count) + presence;
        }
    }

    /// <summary>CTRL's penalty: positive logits of the window's tokens are divided by it, negative ones multiplied.</summary>
    public static void Repetition(Span<float> logits, ReadOnlySpan<int> window, float penalty, HashSet<int> seen)
    {
        seen.Clear();
        foreach (var token in window)
        {
            if (seen.Add(token))
            {
                ref var logit = ref logits[token];
                logit = logit > 0 ? logit / penalty : logit * penalty;
            }
        }
    }

    /// <summary>
    /// DRY ("don't repeat yourself", p-e-w 2024): a token that followed an earlier occurrence of the text's last n tokens
    /// loses multiplier · base^(n − allowed) where n ≥ allowed. Of a token's several occurrences the longest counts.
    /// </summary>
    /// <example>After a b c x a b c with allowed length 2, x lost its logit · base^1: the last three tokens preceded it before.</example>
    public static void Dry(Span<float> logits, ReadOnlySpan<int> tokens, SamplingOptions options, DryScratch scratch)
    {
        var matches = scratch.SuffixMatches(tokens);
        scratch.Longest.Clear();
        for (var back = 1; back < matches.Length; back++)
        {
            if (matches[back] < options.DryAllowedLength || matches[back] == 0)
            {
                continue;
            }

            var token = tokens[tokens.Length - back];
            ref var longest = ref CollectionsMarshal.GetValueRefOrAddDefault(scratch.Longest, token, out _);
            longest = Math.Max(longest, matches[back]);
        }

        foreach (var (token, length) in scratch.Longest)
        {
            logits[token] -= (float)Math.Min(options.DryMultiplier * Math.Pow(options.DryBase, length - options.DryAllowedLength), Largest);
        }
    }

    /// <summary>Forbids the tokens whose bit is not set.</summary>
    public static void Mask(Span<float> logits, ReadOnlySpan<uint> bits)
    {
        for (var start = 0; start < logits.Length; start += 32)
        {
            var block = logits.Slice(start, Math.Min(32, logits.Length - start));
            var word = start / 32 < bits.Length ? bits[start / 32] : 0;
            if (word == 0)
            {
                block.Fill(float.NegativeInfinity);
            }
            else if (word != uint.MaxValue)
            {
                for (var i = 0; i < block.Length; i++)
                {
                    block[i] = (word >> i & 1) != 0 ? block[i] : float.NegativeInfinity;
                }
            }
        }
    }
}

/// <summary>The memory that <see cref="Penalties.Dry"/> works in.</summary>
internal sealed class DryScratch
{
    private int[] _matches = [];

    /// <summary>Per token the longest match that it followed.</summary>
    public Dictionary<int, int> Longest { get; } = new(capacity: 64);

    /// <summary>
    /// At k: how many tokens before the k-th last one equal the last tokens of the text (the Z function of the reversed
    /// text, Gusfield 1997; linear). Entry 0 is not meaningful.
    /// </summary>
    public ReadOnlySpan<int> SuffixMatches(ReadOnlySpan<int> tokens)
    {
        var length = tokens.Length;
        if (_matches.Length < length)
        {
            _matches = new int[Math.Max(length * 2, 256)];
        }

        var z = _matches.AsSpan(0, length);
        z.Clear();
        int left = 0, right = 0;
        for (var i = 1; i < length; i++)
        {
            var match = i < right ? Math.Min(right - i, z[i - left]) : 0;
            while (i + match < length && tokens[length - 1 - match] == tokens[length - 1 - i - match])
            {
                match++;
            }

            z[i] = match;
            if (i + match > right)
            {
                (left, right) = (i, i + match);
            }
        }

        return z;
    }
}
