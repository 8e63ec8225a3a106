using Connector.Decoding.Constraints;
using Connector.Decoding.Speculation;
using Connector.Decoding.Tests.Engine;

namespace Connector.Decoding.Tests.Speculation;

/// <summary>Time does not pass: steps cost nothing, so budgets always draft.</summary>
internal sealed class StoppedClock : TimeProvider
{
    public override long GetTimestamp() => 0;
}

/// <summary>Anything may follow anything, with any estimate.</summary>
internal sealed class RandomGuesses(int seed) : IDraftSource
{
    private readonly Random _random = new(seed);

    public string Name => "random";

    public int Classes => 3;

    public void Begin(int slot, ReadOnlySpan<int> prompt)
    {
    }

    public void Commit(int slot, ReadOnlySpan<int> tokens)
    {
    }

    public void End(int slot)
    {
    }

    public void Learn(int token, ReadOnlySpan<int> next, ReadOnlySpan<float> probabilities)
    {
    }

    public int Propose(in DraftPlace place, Span<DraftCandidate> candidates)
    {
        var (count, first) = (_random.Next(4), _random.Next(ScriptedModel.VocabularySize));
        for (var i = 0; i < count; i++)
        {
            candidates[i] = new DraftCandidate((first + i) % ScriptedModel.VocabularySize, 0.05f + (0.9f * _random.NextSingle()), _random.Next(3));
        }

        return count;
    }
}

/// <summary>A random automaton over tokens: some states force the next token, others allow a few.</summary>
internal sealed class ToyConstraint : ITokenConstraint
{
    private const int States = 6;
    private readonly TokenMask[] _masks;
    private readonly TokenBias[] _biases;

    public ToyConstraint(int seed)
    {
        var random = new Random(seed);
        _biases = [.. Enumerable.Range(0, States).Select(state => state % 2 == 0 ? default : new TokenBias(random.Next(ScriptedModel.VocabularySize), 3))];
        _masks = [.. Enumerable.Range(0, States).Select(state => TokenMask.FromTokens(
            Enumerable.Range(0, random.Next(2) == 0 ? 1 : 6).Select(_ => 1 + random.Next(ScriptedModel.VocabularySize - 1)).Append(state == 0 ? 0 : 1)
                .Take(random.Next(2) == 0 && state != 0 ? 1 : 7)))];
    }

    public ConstraintState Start => new(1, 0);

    public bool TryAdvance(ref ConstraintState state, int token)
    {
        if (!_masks[state.Parser].Contains(token))
        {
            return false;
        }

        state = token == 0 ? state : new ConstraintState((state.Parser + token) % States, 0);
        return true;
    }

    public TokenMask Mask(in ConstraintState state) => _masks[state.Parser];

    public int ForcedTokens(in ConstraintState state, Span<int> tokens)
    {
        var (at, count) = (state, 0);
        while (count < tokens.Length && _masks[at.Parser].Count == 1)
        {
            tokens[count] = _masks[at.Parser].Tokens[0];
            TryAdvance(ref at, tokens[count++]);
        }

        return count;
    }

    public TokenBias Bias(in ConstraintState state) => _biases[state.Parser];

    public bool IsComplete(in ConstraintState state) => state.Parser == 0;
}

/// <summary>Whether two histograms come from one distribution: the likelihood-ratio test (Woolf, 1957).</summary>
internal static class GTest
{
    /// <summary>The probability of a difference at least this large, by the Wilson–Hilferty approximation of χ². Rare outcomes are pooled.</summary>
    public static double PValue(IReadOnlyDictionary<string, int> first, IReadOnlyDictionary<string, int> second)
    {
        var pairs = first.Keys.Union(second.Keys, StringComparer.Ordinal)
            .Select(k => (A: first.GetValueOrDefault(k), B: second.GetValueOrDefault(k))).ToList();
        var rare = pairs.Where(p => p.A + p.B < 10).Aggregate((A: 0, B: 0), (sum, p) => (sum.A + p.A, sum.B + p.B));
        pairs = [.. pairs.Where(p => p.A + p.B >= 10), .. rare == (0, 0) ? Array.Empty<(int, int)>() : [rare]];
        double a = pairs.Sum(p => p.A), b = pairs.Sum(p => p.B);
        var g = 2 * pairs.Sum(p => Term(p.A, (p.A + p.B) * a / (a + b)) + Term(p.B, (p.A + p.B) * b / (a + b)));
        var degrees = pairs.Count - 1;
        var z = (Math.Cbrt(g / degrees) - (1 - (2.0 / (9 * degrees)))) / Math.Sqrt(2.0 / (9 * degrees));
        return 0.5 * Erfc(z / Math.Sqrt(2));
    }

    private static double Term(double observed, double expected) => observed == 0 ? 0 : observed * Math.Log(observed / expected);

    // Abramowitz and Stegun 7.1.26: to within 1.5e-7.
    private static double Erfc(double x)
    {
        var t = 1 / (1 + (0.3275911 * Math.Abs(x)));
        var tail = t * (0.254829592 + (t * (-0.284496736 + (t * (1.421413741 + (t * (-1.453152027 + (t * 1.061405429)))))))) * Math.Exp(-x * x);
        return x >= 0 ? tail : 2 - tail;
    }
}
