namespace Connector.Decoding.Speculation;

/// <summary>
/// How often a source's guesses come true, per class of guess: hits and trials with exponential forgetting, starting
/// from the source's own estimate. Not thread-safe.
/// </summary>
internal sealed class Calibration
{
    private const float PriorTrials = 8;
    private const float Decay = 0.998f;
    private readonly float[] _hits;
    private readonly float[] _trials;

    /// <summary>Makes a calibration that knows nothing yet.</summary>
    public Calibration(int classes)
    {
        _hits = new float[classes];
        _trials = new float[classes];
    }

    /// <summary>The calibrated probability of a guess.</summary>
    public float Rate(in DraftCandidate guess) =>
        (_hits[guess.Class] + (PriorTrials * guess.Probability)) / (_trials[guess.Class] + PriorTrials);

    /// <summary>Scores a guess of a class against what was committed.</summary>
    public void Score(int guessClass, bool hit)
    {
        _hits[guessClass] = (_hits[guessClass] * Decay) + (hit ? 1 : 0);
        _trials[guessClass] = (_trials[guessClass] * Decay) + 1;
    }
}
