using System.Numerics.Tensors;
using Connector.Decoding.Constraints;

namespace Connector.Decoding.Sampling;

/// <summary>
/// Chooses tokens by <see cref="SamplingOptions"/>. Deterministic: the same logits, history, position and mask give the same
/// token. Owns memory that it reuses, so choosing a token allocates nothing; not thread-safe.
/// </summary>
public sealed class TokenSampler
{
    private readonly SamplingOptions _options;
    private readonly int _vocabularySize;
    private readonly KeyValuePair<int, float>[] _bias;
    private readonly HashSet<int> _seen = [];
    private readonly DryScratch _dry = new();
    private readonly Candidates _candidates = new();
    private readonly bool _truncates;
    private readonly bool _greedy;

    /// <summary>Makes a sampler.</summary>
    /// <param name="options">How tokens are chosen.</param>
    /// <param name="vocabularySize">Logits of a row.</param>
    /// <exception cref="ArgumentException">Some options are out of range; the message names every one.</exception>
    public TokenSampler(SamplingOptions options, int vocabularySize)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabularySize);
        var faults = string.Join("; ", options.Faults(vocabularySize));
        if (faults.Length > 0)
        {
            throw new ArgumentException($"Sampling options are out of range: {faults}.", nameof(options));
        }

        _options = options;
        _vocabularySize = vocabularySize;
        _bias = [.. options.LogitBias];
        _truncates = (options.TopK > 0 && options.TopK < vocabularySize) || options.TopP < 1 || options.MinP > 0 || options.TypicalP < 1;
        // Division by less would overflow; at this temperature a gap of 0.001 already decides.
        _greedy = options.Temperature < 1e-5f;
        _seen.EnsureCapacity(Math.Min(options.RepetitionWindow, vocabularySize));
    }

    /// <summary>Chooses a token.</summary>
    /// <param name="logits">The model's logits; overwritten.</param>
    /// <param name="history">The tokens before, which penalties look at.</param>
    /// <param name="position">The index of the token in the answer, 0 for the first: the key of the noise.</param>
    /// <param name="mask">The tokens allowed, or null: all.</param>
    /// <param name="bias">What is added to one more token's logit, as by <see cref="SamplingOptions.LogitBias"/>. Default: nothing.</param>
    /// <exception cref="InvalidOperationException">Mask and biases leave no token.</exception>
    /// <exception cref="ModelEvaluationException">The logits hold NaN.</exception>
    public int Sample(Span<float> logits, TokenHistory history, int position, TokenMask? mask, TokenBias bias = default)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (logits.Length != _vocabularySize)
        {
            throw new ArgumentException($"There are {logits.Length} logits, but the vocabulary has {_vocabularySize} tokens.", nameof(logits));
        }

        Penalties.AddBias(logits, _bias);
        if (bias.Logits != 0)
        {
            logits[bias.Token] += bias.Logits;
        }

        Penalize(logits, history);
        if (mask is { IsSparse: true })
        {
            _candidates.TakeList(logits, mask.Tokens);
            return SampleCandidates(position);
        }

        if (mask is not null)
        {
            Penalties.Mask(logits, mask.Bits);
        }

        var likeliest = TensorPrimitives.IndexOfMax(logits);
        ThrowIfImpossible(logits[likeliest]);
        if (_greedy)
        {
            return likeliest;
        }

        TensorPrimitives.Divide(logits, _options.Temperature, logits);
        if (!_truncates)
        {
            return GumbelArgmax.OverRow(logits, new GumbelNoise.Key(_options.Seed, position));
        }

        TruncateRow(logits, logits[likeliest]);
        return GumbelArgmax.OverList(_candidates.Tokens, _candidates.Logits, new GumbelNoise.Key(_options.Seed, position));
    }

    private static void ThrowIfImpossible(float largest)
    {
        if (float.IsNaN(largest))
        {
            throw new ModelEvaluationException("The model's logits hold NaN.");
        }

        if (float.IsNegativeInfinity(largest))
        {
            throw new InvalidOperationException("No token is possible: the constraint and the logit biases together forbid all.");
        }
    }

    private void Penalize(Span<float> logits, TokenHistory history)
    {
        if (_options.FrequencyPenalty != 0 || _options.PresencePenalty != 0)
        {
            Penalties.FrequencyAndPresence(logits, history, _options.FrequencyPenalty, _options.PresencePenalty);
        }

        if (_options.RepetitionPenalty != 1)
        {
            var tokens = history.Tokens;
            Penalties.Repetition(logits, tokens[Math.Max(0, tokens.Length - _options.RepetitionWindow)..], _options.RepetitionPenalty, _seen);
        }

        if (_options.DryMultiplier > 0)
        {
            Penalties.Dry(logits, history.Tokens, _options, _dry);
        }
    }

    /// <summary>The path of sparse masks: the candidates are already few.</summary>
    private int SampleCandidates(int position)
    {
        ThrowIfImpossible(_candidates.Tokens.IsEmpty ? float.NegativeInfinity : TensorPrimitives.Max<float>(_candidates.Logits));
        if (_greedy)
        {
            return _candidates.Tokens[0];
        }

        TensorPrimitives.Divide(_candidates.Logits, _options.Temperature, _candidates.Logits);
        if (_truncates)
        {
            if (_options.TopK > 0)
            {
                _candidates.Cut(Math.Min(_options.TopK, _candidates.Tokens.Length));
            }

            TruncateFurther(Distribution.OfSorted(_candidates.Logits));
        }

        return GumbelArgmax.OverList(_candidates.Tokens, _candidates.Logits, new GumbelNoise.Key(_options.Seed, position));
    }

    /// <summary>
    /// Gathers only what some truncation may keep. Provably enough: tokens below probability (1 − p) / n together miss less than
    /// 1 − p; what min-p drops lies after what it keeps; and where surprise exceeds twice the entropy, it is farther from the
    /// entropy than any token of less surprise.
    /// </summary>
    private void TruncateRow(ReadOnlySpan<float> logits, float largest)
    {
        if (_options.TopK > 0 && _options.TopK < _vocabularySize)
        {
            _candidates.TakeLargest(logits, _options.TopK);
            TruncateFurther(Distribution.OfSorted(_candidates.Logits));
            return;
        }

        var distribution = default(Distribution);
        if (_options.TopP < 1)
        {
            distribution = _candidates.DistributionOf(logits);
            var farthest = RareSurprise(_options.TopP);
            if (_options.MinP > 0)
            {
                farthest = Math.Min(farthest, distribution.LogNormalizer - Truncation.MinPThreshold(largest, _options.MinP));
            }

            _candidates.TakeAround(logits, distribution, 0, _options.TopP, farthest);
        }
        else if (_options.MinP > 0)
        {
            _candidates.TakeFrom(logits, Truncation.MinPThreshold(largest, _options.MinP));
        }
        else
        {
            distribution = _candidates.DistributionOf(logits);
            var farthest = Math.Max(2 * distribution.Entropy, RareSurprise(_options.TypicalP));
            _candidates.TakeAround(logits, distribution, distribution.Entropy, _options.TypicalP, farthest);
        }

        TruncateFurther(distribution);
    }

    /// <summary>The surprise above which tokens together are less likely than 1 − p; a little more, against rounding.</summary>
    private double RareSurprise(float p) => Math.Log(_vocabularySize / (1 - (double)p)) + 0.01;

    /// <param name="distribution">That of all candidates before this step; those at hand may be its head only.</param>
    private void TruncateFurther(Distribution distribution)
    {
        if (_options.TopP < 1)
        {
            _candidates.Cut(Truncation.TopP(_candidates.Logits, _options.TopP, distribution.LogNormalizer));
        }

        if (_options.MinP > 0)
        {
            _candidates.Cut(Truncation.MinP(_candidates.Logits, _options.MinP));
        }

        if (_options.TypicalP < 1)
        {
            var typical = _options.TopP < 1 || _options.MinP > 0 ? Distribution.OfSorted(_candidates.Logits) : distribution;
            _candidates.Cut(Truncation.Typical(_candidates.Tokens, _candidates.Logits, _options.TypicalP, typical, _candidates.Scratch));
        }
    }
}
