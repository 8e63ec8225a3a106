using System.Numerics;

namespace Connector.Decoding.Speculation;

/// <summary>
/// Turns the places that end like the context into guesses: every place votes for the token that followed it. A
/// token's estimate is its share of the votes at the longest match it has, as in prediction by partial matching
/// (Cleary and Witten, 1984); its class tells how long that match is, how clear the vote, and how many voted.
/// </summary>
/// <remarks>
/// Worked example: after <c>a b c a b d a b</c> the context <c>a b</c> occurred twice; <c>c</c> and <c>d</c> have one
/// vote each at length 2: probability (1 + ½) / (2 + 1) = ½ each.
/// </remarks>
internal sealed class OccurrenceVotes
{
    /// <summary>The most different tokens that are told apart.</summary>
    public const int MaxTokens = 16;

    /// <summary>Classes of guesses.</summary>
    public const int Classes = Lengths * 3 * 3 * 2;

    private const int Lengths = 8;
    private readonly int[] _tokens = new int[MaxTokens];
    private readonly int[] _best = new int[MaxTokens];
    private readonly int[] _votes = new int[MaxTokens * Lengths];
    private readonly int[] _total = new int[Lengths];

    /// <summary>Counts the votes and writes the guesses; returns how many.</summary>
    public int Count(OccurrenceIndex history, ReadOnlySpan<Occurrence> occurrences, Span<DraftCandidate> candidates)
    {
        var tokens = 0;
        var longest = 0;
        Array.Clear(_votes);
        Array.Clear(_total);
        foreach (ref readonly var occurrence in occurrences)
        {
            var token = history[occurrence.Next];
            var index = _tokens.AsSpan(0, tokens).IndexOf(token);
            if (index < 0)
            {
                if (tokens == MaxTokens)
                {
                    continue;
                }

                index = tokens++;
                _tokens[index] = token;
                _best[index] = 0;
            }

            var length = LengthClass(occurrence.Length);
            _best[index] = Math.Max(_best[index], length);
            longest = Math.Max(longest, length);
            _votes[(index * Lengths) + length]++;
            _total[length]++;
        }

        var written = Math.Min(tokens, candidates.Length);
        for (var i = 0; i < written; i++)
        {
            var best = _best[i];
            var votes = _votes[(i * Lengths) + best];
            var total = 0;
            for (var length = best; length < Lengths; length++)
            {
                total += _total[length];
            }

            var clarity = votes == total ? 2 : votes * 2 >= total ? 1 : 0;
            var support = votes == 1 ? 0 : votes < 4 ? 1 : 2;
            var kind = (((((best * 3) + clarity) * 3) + support) * 2) + (best == longest ? 1 : 0);
            candidates[i] = new DraftCandidate(_tokens[i], (votes + 0.5f) / (total + 1f) * Prior(best), kind);
        }

        return written;
    }

    // Long matches seldom mislead; short ones mostly do.
    private static float Prior(int lengthClass) => (lengthClass + 2f) / (Lengths + 2f);

    // 1, 2, 3, 4, 5–7, 8–15, 16–31, 32.
    private static int LengthClass(int length) => length < 5 ? length - 1 : length < 8 ? 4 : BitOperations.Log2((uint)length) + 2;
}
