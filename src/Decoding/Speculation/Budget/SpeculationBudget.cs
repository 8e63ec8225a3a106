namespace Connector.Decoding.Speculation;

/// <summary>
/// Decides how many draft tokens a step is worth. With λ the tokens per millisecond that decoding reaches at present,
/// the trees grow while the expected tokens of a larger batch outweigh λ times its extra milliseconds; a step whose
/// predicted gain over plain decoding is below <see cref="MinGain"/> is plain. So is every step while the <see cref="RegretLedger"/>
/// says that too much was lost; and because that is noticed only after a step, none puts more than six plain ones at stake,
/// unless so much was saved before. Not thread-safe.
/// </summary>
internal sealed class SpeculationBudget
{
    /// <summary>The predicted gain that makes a step speculative.</summary>
    public const double MinGain = 0.03;

    private const double StepsAtStake = 6;
    private const double RateMemory = 0.99;
    private readonly StepCostModel _cost;
    private double _recentTokens;
    private double _recentMilliseconds;
    private int _sequences;
    private double _past;
    private double _rate;
    private double _plainCost;
    private double _expected;
    private double _bestValue;

    /// <summary>Makes a budget that has seen nothing.</summary>
    public SpeculationBudget(StepCostModel cost) => _cost = cost;

    /// <summary>What was lost and saved so far.</summary>
    public RegretLedger Ledger { get; } = new();

    /// <summary>Draft tokens taken in this step so far.</summary>
    public int Taken { get; private set; }

    /// <summary>The size, in draft tokens, that is worth most so far in this step; 0 is plain decoding.</summary>
    public int Best { get; private set; }

    /// <summary>What a plain step takes now, in milliseconds.</summary>
    public double PlainCost => _plainCost;

    /// <summary>Begins a step.</summary>
    /// <param name="sequences">Sequences that decode in it: the tokens a plain step would evaluate.</param>
    /// <param name="past">Tokens in the cache that an average sequence attends to.</param>
    public void Begin(int sequences, double past)
    {
        (_sequences, _past) = (sequences, past);
        _plainCost = _cost.Milliseconds(sequences, past);
        var plainRate = sequences / _plainCost;
        _rate = _recentMilliseconds > 0 ? Math.Max(plainRate, _recentTokens / _recentMilliseconds) : plainRate;
        _expected = sequences;
        _bestValue = sequences - (_rate * _plainCost);
        Taken = 0;
        Best = 0;
    }

    /// <summary>
    /// Whether a next node that is accepted with <paramref name="probability"/>, and later ones at most as likely,
    /// could make the step worth more than the best size so far.
    /// </summary>
    public bool IsWorth(float probability)
    {
        if (probability <= 0)
        {
            return false;
        }

        var tokens = _sequences + Taken;
        foreach (var size in StepCostModel.Buckets)
        {
            var more = Math.Max(size, tokens + 1) - tokens;
            if (Value(more * probability, tokens + more) > _bestValue)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether more tokens are worth their evaluation and the time it takes to draft them: a call of a draft model.
    /// </summary>
    public bool IsWorth(double tokens, int nodes, double milliseconds) =>
        Value(tokens, _sequences + Taken + nodes) - (_rate * milliseconds) > _bestValue;

    /// <summary>Takes the next node.</summary>
    public void Take(float probability)
    {
        Taken++;
        _expected += probability;
        var cost = _cost.Milliseconds(_sequences + Taken, _past);
        var value = Value(0, _sequences + Taken);
        var gain = (_expected / cost) - ((1 + MinGain) * _sequences / _plainCost);
        if (value > _bestValue && gain > 0 && cost - _plainCost <= Math.Max(Ledger.Left(_plainCost), StepsAtStake * _plainCost))
        {
            _bestValue = value;
            Best = Taken;
        }
    }

    /// <summary>Records a step.</summary>
    /// <param name="drafted">Draft tokens that were evaluated.</param>
    /// <param name="committed">Tokens that were committed.</param>
    /// <param name="evaluation">The milliseconds of the deciding model's call.</param>
    /// <param name="own">The milliseconds that drafting and bookkeeping took.</param>
    public void Observe(int drafted, int committed, double evaluation, double own)
    {
        var time = Ledger.Add(drafted, evaluation, own, committed * _plainCost / _sequences, _plainCost);
        _recentTokens = (_recentTokens * RateMemory) + committed;
        _recentMilliseconds = (_recentMilliseconds * RateMemory) + time;
    }

    private double Value(double more, int tokens) => _expected + more - (_rate * _cost.Milliseconds(tokens, _past));
}
