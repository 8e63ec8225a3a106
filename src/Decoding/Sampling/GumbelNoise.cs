using System.Numerics;

namespace Connector.Decoding.Sampling;

/// <summary>
/// The luck of a run as a function: Gumbel noise keyed by seed, position and token. Adding it to log-probabilities and
/// taking the largest samples from them (the Gumbel-max trick), so the token at a position depends on nothing but the
/// logits and this key: neither on batching nor on drafts (drafter-invariant speculation, Daliri et al. 2024).
/// </summary>
/// <remarks>
/// Counter-based: seed and position are mixed into two 32-bit keys by SplitMix64's finaliser (Steele et al. 2014), and a
/// token's 32 bits come from a two-multiplication mixer with the constants of Wellons' "lowbias32", keyed before and
/// between its rounds. 32-bit operations only, so that eight tokens go through one vector. A small hash is large noise.
/// </remarks>
public static class GumbelNoise
{
    /// <summary>No noise is larger: that of hash 0.</summary>
    public static readonly double Maximum = FromHash(0);

    private const double HashScale = 1.0 / 4294967296.0;

    /// <summary>The standard Gumbel noise of a token at a position.</summary>
    /// <param name="seed">The request's seed.</param>
    /// <param name="position">The index of the token to be generated, 0 for the first of the answer.</param>
    /// <param name="token">The candidate.</param>
    public static double At(ulong seed, int position, int token) => FromHash(new Key(seed, position).Hash((uint)token));

    /// <summary>The Gumbel quantile of a hash: −ln(−ln(1 − v)) with v = (hash + ½) / 2³², decreasing in the hash.</summary>
    internal static double FromHash(uint hash) => -Math.Log(-Math.Log(1 - ((hash + 0.5) * HashScale)));

    /// <summary>A safe bound: noise above <paramref name="noise"/> comes only from hashes up to the returned one.</summary>
    internal static uint LargestHashAbove(double noise)
    {
        // 1 − exp(−s) ≤ s, and the relative slack is far above the rounding of exp: the bound errs to the safe side.
        var survival = Math.Exp(-noise);
        var v = survival < 1e-5 ? survival : 1 - Math.Exp(-survival);
        return (uint)Math.Min(Math.Ceiling(v * (1 + 1e-9) * 4294967296.0), uint.MaxValue);
    }

    /// <summary>Seed and position, mixed.</summary>
    internal readonly struct Key
    {
        private readonly uint _first;
        private readonly uint _second;

        public Key(ulong seed, int position)
        {
            var mixed = Mix(Mix(seed + 0x9E3779B97F4A7C15) ^ ((ulong)(uint)position * 0xD1342543DE82EF95));
            _first = (uint)mixed;
            _second = (uint)(mixed >> 32);
        }

        public uint Hash(uint token)
        {
            var x = (token * 0x9E3779B1u) + _first;
            x ^= x >> 16;
            x *= 0x7FEB352Du;
            x ^= x >> 15;
            x += _second;
            x *= 0x846CA68Bu;
            x ^= x >> 16;
            return x;
        }

        /// <summary>The same of many tokens at once.</summary>
        public Vector<uint> Hash(Vector<uint> tokens)
        {
            var x = (tokens * 0x9E3779B1u) + new Vector<uint>(_first);
            x ^= x >>> 16;
            x *= 0x7FEB352Du;
            x ^= x >>> 15;
            x += new Vector<uint>(_second);
            x *= 0x846CA68Bu;
            x ^= x >>> 16;
            return x;
        }
    }

    /// <summary>SplitMix64's finaliser: also what derives the seeds of further completions.</summary>
    internal static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
