namespace Connector.Decoding.Speculation;

/// <summary>
/// Decides how many draft tokens a step is worth. With λ the tokens per millisecond that decoding reaches at present,
/// the trees grow while the expected tokens of a larger batch outweigh λ times its extra milliseconds; a step whose
/// predicted gain over plain decoding is below <see cref="MinGain"/> is plain. A ledger of regret (time taken less the
/// time that plain decoding of the same tokens would have taken) turns speculation off, for longer and longer, once
/// it exceeds 1 % of the time so far, or where that is more 20 ms or four plain steps. The planner's own time counts as any
/// other, except what it takes once, such as compiling code. What is noticed only after a step can be lost in one: so no step puts
/// more than six plain ones at stake, unless so much was saved before. Not thread-safe.
/// </summary>
internal sealed class SpeculationBudget
{
    /// <summary>The predicted gain that makes a step speculative.</summary>
    public const double MinGain = 0.03;

    private const double RegretMilliseconds = 20;
    private const double RegretSteps = 4;
    private const double StepsAtStake = 6;
    private const double RegretShare = 0.01;
    private const int FirstBackOff = 16;
    private const int LastBackOff = 1024;
    private const double RateMemory = 0.99;
    private const double OwnMemory = 0.9;
    private const double WatchingShare = 0.005;
    private const double UsualShare = 0.02;
    private const double Unusual = 2;
    private readonly StepCostModel _cost;
    private double _recentTokens;
    private double _recentMilliseconds;
    private double _elapsed;
    private double _ownShare;
    private double _usualOwn;
    private (double Last, double BeforeLast) _own;
    private int _plainLeft;
    private int _backOff = FirstBackOff;

    private int _sequences;
    private double _past;
    private double _rate;
    private double _plainCost;
    private double _expected;
    private double _bestValue;

    /// <summary>Makes a budget that has seen nothing.</summary>
    public SpeculationBudget(StepCostModel cost) => _cost = cost;

    /// <summary>Milliseconds spent beyond what plain decoding would have; negative: saved.</summary>
    public double Regret { get; private set; }

    /// <summary>Whether speculation is off for now.</summary>
    public bool IsBackingOff => _plainLeft > 0;

    /// <summary>
    /// Whether even watching is off: speculation backs off, and on this model guessing without drafting takes a notable share of
    /// a step.
    /// </summary>
    public bool IsSilent => IsBackingOff && _ownShare > WatchingShare;

    /// <summary>Draft tokens taken in this step so far.</summary>
    public int Taken { get; private set; }

    /// <summary>The size, in draft tokens, that is worth most so far in this step; 0 is plain decoding.</summary>
    public int Best { get; private set; }

    /// <summary>What a plain step takes now, in milliseconds.</summary>
    public double PlainCost => _plainCost;

    /// <summary>
    /// A run of requests begins after idleness: what was saved before is no credit for it, and of what may be lost half is left at least.
    /// </summary>
    public void Restart()
    {
        Regret = Math.Clamp(Regret, 0, Allowance / 2);
        _elapsed = 0;
        _backOff = FirstBackOff;
        _plainLeft = 0;
    }

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
        if (value > _bestValue && gain > 0 && cost - _plainCost <= Math.Max(Allowance - Regret, StepsAtStake * _plainCost))
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
        own = Count(own);
        var time = evaluation + own;
        _elapsed += time;
        _recentTokens = (_recentTokens * RateMemory) + committed;
        _recentMilliseconds = (_recentMilliseconds * RateMemory) + time;
        _ownShare = IsSilent ? _ownShare : (_ownShare * OwnMemory) + ((1 - OwnMemory) * own / time);

        // A plain step loses what watching it took; how long its call took is not ours.
        var lost = drafted == 0 ? own : time - (committed * _plainCost / _sequences);
        Regret += lost;
        if (IsBackingOff)
        {
            _plainLeft--;
        }
        else if (lost > 0 && Regret > Allowance)
        {
            _plainLeft = _backOff;
            _backOff = Math.Min(LastBackOff, _backOff * 2);
        }
        else if (lost < 0)
        {
            _backOff = Math.Max(FirstBackOff, _backOff / 2);
        }
    }

    private double Allowance => Math.Max(Math.Min(RegretMilliseconds, RegretSteps * _plainCost), RegretShare * _elapsed);

    // Code that runs for the first time is compiled, and a constraint's first states are built: that is not what steps take.
    private double Count(double own)
    {
        var counted = Math.Min(own, Math.Max(Unusual * Math.Max(_usualOwn, UsualShare * _plainCost), Math.Min(_own.Last, _own.BeforeLast)));
        _usualOwn = IsSilent ? _usualOwn : (_usualOwn * OwnMemory) + ((1 - OwnMemory) * counted);
        _own = (own, _own.Last);
        return counted;
    }

    private double Value(double more, int tokens) => _expected + more - (_rate * _cost.Milliseconds(tokens, _past));
}
