using System.Numerics;

namespace Connector.Decoding.Speculation;

/// <summary>
/// Turns the places that end like the context into guesses: every place votes for the token that followed it. A
/// token's estimate is its share of the votes at the longest match it has, as in prediction by partial matching
/// (Cleary and Witten, 1984), where what has not followed yet has votes too: fewer the longer the match, more the less the
/// others agree. Its class tells how long that match is, how clear the vote, and how many voted.
/// </summary>
/// <remarks>
/// Worked example: after <c>a b c a b d a b</c> the context <c>a b</c> occurred twice; <c>c</c> and <c>d</c> have one
/// vote each at length 2, and what is new has 0.9 · 2²: probability 1 / (2 + 3.6) = 0.18 each.
/// </remarks>
/// <param name="newness">How often what follows is new, in units of what was measured in texts that a request has itself.</param>
internal sealed class OccurrenceVotes(float newness)
{
    /// <summary>The most different tokens that are told apart.</summary>
    public const int MaxTokens = 16;

    /// <summary>Classes of guesses.</summary>
    public const int Classes = Lengths * 3 * 3 * 2;

    private const int Lengths = 8;

    // Votes of what is new by length of the match, from how often single places were right in the replayed traces.
    private static readonly float[] s_new = [2.1f, 0.9f, 0.45f, 0.4f, 0.28f, 0.12f, 0.06f, 0.03f];
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

            var different = 0;
            foreach (var other in _best.AsSpan(0, tokens))
            {
                different += other >= best ? 1 : 0;
            }

            var clarity = votes == total ? 2 : votes * 2 >= total ? 1 : 0;
            var support = votes == 1 ? 0 : votes < 4 ? 1 : 2;
            var kind = (((((best * 3) + clarity) * 3) + support) * 2) + (best == longest ? 1 : 0);
            candidates[i] = new DraftCandidate(_tokens[i], votes / (total + (newness * s_new[best] * different * different)), kind);
        }

        return written;
    }

    // 1, 2, 3, 4, 5–7, 8–15, 16–31, 32.
    private static int LengthClass(int length) => length < 5 ? length - 1 : length < 8 ? 4 : BitOperations.Log2((uint)length) + 2;
}
