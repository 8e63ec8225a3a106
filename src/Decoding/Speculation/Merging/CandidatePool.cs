using Connector.Decoding.Sampling;

namespace Connector.Decoding.Speculation;

/// <summary>
/// The merged guesses of one step, place by place, in flat arrays: a token, which sources guessed it and how, and the
/// combined probability. Under a constraint, which leaves less to choose from, the same guesses come true more often: they are
/// calibrated and mixed apart. Not thread-safe.
/// </summary>
internal sealed class CandidatePool
{
    /// <summary>The most guesses of one place.</summary>
    public const int PerPlace = 32;

    private readonly IDraftSource[] _sources;
    private readonly Calibration[] _calibrations;
    private readonly EstimateMixer _mixer;
    private readonly DraftCandidate[] _proposed = new DraftCandidate[PerPlace];
    private readonly int[] _tokens = new int[DraftPlace.MaxPlaces * PerPlace];
    private readonly KeyedLuck _luck = new();
    private readonly int _knowLuck;
    private readonly float[] _estimates = new float[DraftPlace.MaxPlaces * PerPlace];
    private readonly float[] _shifts = new float[DraftPlace.MaxPlaces * PerPlace];
    private readonly float[] _probabilities = new float[DraftPlace.MaxPlaces * PerPlace];
    private readonly short[] _classes;
    private readonly float[] _logOdds;

    /// <summary>Makes an empty pool.</summary>
    public CandidatePool(IDraftSource[] sources)
    {
        _sources = sources;
        _calibrations = [.. sources.Select(s => new Calibration(2 * s.Classes))];
        _knowLuck = sources.Select((s, i) => s.KnowsLuck ? 1 << i : 0).Sum();
        _mixer = new EstimateMixer(sources.Length);
        _classes = new short[DraftPlace.MaxPlaces * PerPlace * sources.Length];
        _logOdds = new float[DraftPlace.MaxPlaces * PerPlace * sources.Length];
    }

    /// <summary>Guesses so far.</summary>
    public int Count { get; private set; }

    /// <summary>How the sources' estimates are combined.</summary>
    public EstimateMixer Mixer => _mixer;

    /// <summary>The token of a guess.</summary>
    public int Token(int guess) => _tokens[guess];

    /// <summary>The combined probability of a guess, given that its place is reached.</summary>
    public float Probability(int guess) => _probabilities[guess];

    /// <summary>Removes all guesses.</summary>
    public void Clear() => Count = 0;

    /// <summary>Asks all sources about a place; its guesses are those from the old <see cref="Count"/> to the new one.</summary>
    /// <param name="place">The place.</param>
    /// <param name="luck">The noise of the token after it; null where tokens are chosen greedily.</param>
    public void Ask(in DraftPlace place, GumbelNoise.Key? luck)
    {
        var start = Count;
        for (var s = 0; s < _sources.Length; s++)
        {
            var proposed = _sources[s].Propose(place, _proposed);
            foreach (ref readonly var guess in _proposed.AsSpan(0, proposed))
            {
                if (place.Allowed?.Contains(guess.Token) ?? true)
                {
                    Merge(start, s, place.Allowed is null ? guess : guess with { Class = guess.Class + _sources[s].Classes });
                }
            }

            if (proposed > 0 && _proposed[0].IsConclusive)
            {
                break;
            }
        }

        for (var guess = start; guess < Count; guess++)
        {
            _estimates[guess] = _mixer.Combine(LogOdds(guess), place.Allowed is not null);
            _shifts[guess] = luck is { } key && (_knowLuck & Sources(guess)) == 0 ? KeyedLuck.Shift(_estimates[guess], key, _tokens[guess]) : 0;
            _probabilities[guess] = luck is null ? _estimates[guess] : _luck.Apply(_estimates[guess], _shifts[guess]);
        }
    }

    /// <summary>Scores the guesses of a place against the token that was committed there.</summary>
    /// <param name="start">The first guess.</param>
    /// <param name="end">The guess after the last.</param>
    /// <param name="committed">The token.</param>
    /// <param name="isConstrained">Whether a constraint held there.</param>
    public void Score(int start, int end, int committed, bool isConstrained)
    {
        for (var guess = start; guess < end; guess++)
        {
            var hit = _tokens[guess] == committed;
            _mixer.Learn(LogOdds(guess), isConstrained, _estimates[guess], hit);
            _luck.Learn(_probabilities[guess], _shifts[guess], hit);
            for (var s = 0; s < _sources.Length; s++)
            {
                if (_classes[(guess * _sources.Length) + s] is >= 0 and var guessClass)
                {
                    _calibrations[s].Score(guessClass, hit);
                }
            }
        }
    }

    /// <summary>A bit per source that made the guess.</summary>
    public int Sources(int guess)
    {
        var bits = 0;
        for (var s = 0; s < _sources.Length; s++)
        {
            bits |= _classes[(guess * _sources.Length) + s] >= 0 ? 1 << s : 0;
        }

        return bits;
    }

    /// <summary>The source that is surest of a guess.</summary>
    public int Lead(int guess)
    {
        var logOdds = LogOdds(guess);
        var lead = -1;
        for (var s = 0; s < logOdds.Length; s++)
        {
            if (!float.IsNaN(logOdds[s]) && (lead < 0 || logOdds[s] > logOdds[lead]))
            {
                lead = s;
            }
        }

        return lead;
    }

    private Span<float> LogOdds(int guess) => _logOdds.AsSpan(guess * _sources.Length, _sources.Length);

    private void Merge(int start, int source, in DraftCandidate proposed)
    {
        var guess = _tokens.AsSpan(start, Count - start).IndexOf(proposed.Token);
        if (guess < 0)
        {
            if (Count - start == PerPlace || Count == _tokens.Length)
            {
                return;
            }

            guess = Count++ - start;
            _tokens[start + guess] = proposed.Token;
            LogOdds(start + guess).Fill(EstimateMixer.Silent);
            _classes.AsSpan((start + guess) * _sources.Length, _sources.Length).Fill(-1);
        }

        _classes[((start + guess) * _sources.Length) + source] = (short)proposed.Class;
        LogOdds(start + guess)[source] = EstimateMixer.LogOdds(_calibrations[source].Rate(proposed));
    }
}
