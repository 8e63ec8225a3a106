namespace Connector.Decoding.Speculation;

/// <summary>
/// Adds up what speculation has cost and saved: the time that steps took less the time that plain decoding of the same tokens
/// would have taken. Above 1 % of the time so far, or where that is more 20 ms or four plain steps, it turns speculation off, for longer
/// and longer. The planner's own time counts as any other, except what it takes once, such as compiling code. Not thread-safe.
/// </summary>
internal sealed class RegretLedger
{
    private const double MostMilliseconds = 20;
    private const double MostSteps = 4;
    private const double MostShare = 0.01;
    private const int FirstBackOff = 16;
    private const int LastBackOff = 1024;
    private const double OwnMemory = 0.9;
    private const double WatchingShare = 0.005;
    private const double UsualShare = 0.02;
    private const double Unusual = 2;
    private double _elapsed;
    private double _plain;
    private double _ownShare;
    private double _usualOwn;
    private (double Last, double BeforeLast) _own;
    private int _plainLeft;
    private int _backOff = FirstBackOff;

    /// <summary>Milliseconds spent beyond what plain decoding would have; negative: saved.</summary>
    public double Regret { get; private set; }

    /// <summary>Whether speculation is off for now.</summary>
    public bool IsBackingOff => _plainLeft > 0;

    /// <summary>
    /// Whether even watching is off: speculation backs off, and on this model guessing without drafting takes a notable share of
    /// a step.
    /// </summary>
    public bool IsSilent => IsBackingOff && _ownShare > WatchingShare;

    /// <summary>Milliseconds that may still be lost.</summary>
    /// <param name="plain">What a plain step takes.</param>
    public double Left(double plain) => Most(plain) - Regret;

    /// <summary>
    /// A run of requests begins after idleness: what was saved before is no credit for it, and of what may be lost half is left at least.
    /// </summary>
    public void Restart()
    {
        Regret = Math.Clamp(Regret, 0, Most(_plain) / 2);
        _elapsed = 0;
        _backOff = FirstBackOff;
        _plainLeft = 0;
    }

    /// <summary>Enters a step; returns how long it took, as far as that counts.</summary>
    /// <param name="drafted">Draft tokens that were evaluated.</param>
    /// <param name="evaluation">The milliseconds of the deciding model's call.</param>
    /// <param name="own">The milliseconds that drafting and bookkeeping took.</param>
    /// <param name="same">What plain decoding of the committed tokens would have taken.</param>
    /// <param name="plain">What a plain step takes.</param>
    public double Add(int drafted, double evaluation, double own, double same, double plain)
    {
        _plain = plain;
        own = Count(own);
        var time = evaluation + own;
        _elapsed += time;
        _ownShare = IsSilent ? _ownShare : (_ownShare * OwnMemory) + ((1 - OwnMemory) * own / time);

        // A plain step loses what watching it took; how long its call took is not ours.
        var lost = drafted == 0 ? own : time - same;
        Regret += lost;
        if (IsBackingOff)
        {
            _plainLeft--;
        }
        else if (lost > 0 && Left(plain) < 0)
        {
            _plainLeft = _backOff;
            _backOff = Math.Min(LastBackOff, _backOff * 2);
        }
        else if (lost < 0)
        {
            _backOff = Math.Max(FirstBackOff, _backOff / 2);
        }

        return time;
    }

    private double Most(double plain) => Math.Max(Math.Min(MostMilliseconds, MostSteps * plain), MostShare * _elapsed);

    // Code that runs for the first time is compiled, and a constraint's first states are built: that is not what steps take.
    private double Count(double own)
    {
        var counted = Math.Min(own, Math.Max(Unusual * Math.Max(_usualOwn, UsualShare * _plain), Math.Min(_own.Last, _own.BeforeLast)));
        _usualOwn = IsSilent ? _usualOwn : (_usualOwn * OwnMemory) + ((1 - OwnMemory) * counted);
        _own = (own, _own.Last);
        return counted;
    }
}
