using System.Collections.Immutable;
using Connector.Decoding.Speculation;

namespace Connector.Decoding.Engine;

/// <summary>
/// What a generation cost, in tokens. Committed = <see cref="Accepted"/> + <see cref="Forced"/> + <see cref="Bonus"/>;
/// mean accepted tokens (MAT) is committed per deciding-model call.
/// </summary>
public sealed record GenerationUsage
{
    /// <summary>Tokens of the prompt.</summary>
    public int Prompt { get; init; }

    /// <summary>Prompt tokens that were already in the KV cache.</summary>
    public int Cached { get; init; }

    /// <summary>Tokens generated, an end-of-generation token included.</summary>
    public int Generated { get; init; }

    /// <summary>Draft tokens that were evaluated, whether they were then accepted, forced or rejected.</summary>
    public int Drafted { get; init; }

    /// <summary>Draft tokens that the deciding model confirmed where it had a choice; drafts that the constraint forced are <see cref="Forced"/>.</summary>
    public int Accepted { get; init; }

    /// <summary>Tokens that the constraint left no choice about, drafted or not.</summary>
    public int Forced { get; init; }

    /// <summary>The deciding model's own tokens after an accepted path, where it had a choice.</summary>
    public int Bonus { get; init; }

    /// <summary>Calls of the deciding model that yielded tokens; those that only evaluated a part of the prompt are not included.</summary>
    public int Steps { get; init; }

    /// <summary>Mean accepted tokens: committed tokens per deciding-model call; 0 before the first.</summary>
    public double MeanAcceptedTokens => Steps == 0 ? 0 : (double)(Accepted + Forced + Bonus) / Steps;

    /// <summary>From submission until the first token.</summary>
    public TimeSpan TimeToFirstToken { get; init; }

    /// <summary>From the first token until the last.</summary>
    public TimeSpan GenerationTime { get; init; }

    /// <summary>Draft tokens by the source that was surest of them; empty without speculation.</summary>
    public ImmutableArray<DraftSourceUsage> Sources { get; init; } = [];

    /// <summary>
    /// Time saved against plain decoding by estimate: what the committed tokens would have taken one by one, less what their steps
    /// took, the last step not counted. Negative where drafts cost more than they brought.
    /// </summary>
    public TimeSpan Saved { get; init; }
}
