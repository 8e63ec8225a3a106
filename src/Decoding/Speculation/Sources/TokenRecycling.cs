namespace Connector.Decoding.Speculation;

/// <summary>
/// Token Recycling (Luo et al., "Turning Trash into Treasure", 2024): for every token, the eight likeliest next
/// tokens at its last evaluation, rejected drafts included. Needs no second model and no training; a row is 48 bytes.
/// A new prompt seeds the rows that are still empty with its own bigrams. Shared by all sequences of an engine.
/// </summary>
/// <remarks>
/// Worked example: after evaluating <c>the</c> with the likeliest next tokens <c>cat</c> (0.6) and <c>dog</c> (0.3),
/// every later <c>the</c> proposes <c>cat</c> (0.25 + 0.33 · 0.6) and <c>dog</c> (0.02 + 0.4 · 0.3) until <c>the</c> is evaluated again.
/// </remarks>
internal sealed class TokenRecycling : IDraftSource
{
    /// <summary>Next tokens kept per token.</summary>
    public const int Width = 8;

    private const int Empty = -1;
    private const int ProbabilityClasses = 8;
    private const float SeedProbability = 0.3f;
    private readonly int[] _next;
    private readonly Half[] _probabilities;

    /// <summary>Makes an empty table.</summary>
    /// <param name="vocabularySize">Tokens of the vocabulary.</param>
    public TokenRecycling(int vocabularySize)
    {
        _next = new int[vocabularySize * Width];
        _probabilities = new Half[vocabularySize * Width];
        Array.Fill(_next, Empty);
    }

    /// <inheritdoc/>
    public string Name => "recycled";

    /// <inheritdoc/>
    public int Classes => Width * ProbabilityClasses;

    /// <inheritdoc/>
    public void Begin(int slot, ReadOnlySpan<int> prompt)
    {
        for (var i = 1; i < prompt.Length; i++)
        {
            var row = _next.AsSpan(prompt[i - 1] * Width, Width);
            var free = row.IndexOf(Empty);
            if (free >= 0 && !row.Contains(prompt[i]))
            {
                row[free] = prompt[i];
                _probabilities[(prompt[i - 1] * Width) + free] = (Half)(SeedProbability / (1 << free));
            }
        }
    }

    /// <inheritdoc/>
    public void Commit(int slot, ReadOnlySpan<int> tokens)
    {
        // What follows a token is learned where it was evaluated.
    }

    /// <inheritdoc/>
    public void End(int slot)
    {
        // The table belongs to the engine, not to a request.
    }

    /// <inheritdoc/>
    public void Learn(int token, ReadOnlySpan<int> next, ReadOnlySpan<float> probabilities)
    {
        var row = _next.AsSpan(token * Width, Width);
        var kept = Math.Min(next.Length, Width);
        next[..kept].CopyTo(row);
        row[kept..].Fill(Empty);
        for (var i = 0; i < kept; i++)
        {
            _probabilities[(token * Width) + i] = (Half)probabilities[i];
        }
    }

    /// <inheritdoc/>
    public int Propose(in DraftPlace place, Span<DraftCandidate> candidates)
    {
        var start = place.Context[^1] * Width;
        var count = 0;
        for (; count < Width && count < candidates.Length && _next[start + count] != Empty; count++)
        {
            var probability = (float)_probabilities[start + count];
            candidates[count] = new DraftCandidate(_next[start + count], Elsewhere(probability, count), (count * ProbabilityClasses) + ProbabilityClass(probability));
        }

        return count;
    }

    // What followed a token in one place follows it in another with a probability that was measured on the replayed traces.
    private static float Elsewhere(float probability, int rank) => rank == 0 ? 0.25f + (0.33f * probability) : 0.02f + (0.4f * probability);

    // Halvings of the distance to certainty above 1/2, halvings of the probability below.
    private static int ProbabilityClass(float p) => p switch
    {
        > 0.95f => 7,
        > 0.85f => 6,
        > 0.7f => 5,
        > 0.5f => 4,
        > 0.3f => 3,
        > 0.15f => 2,
        > 0.05f => 1,
        _ => 0,
    };
}
