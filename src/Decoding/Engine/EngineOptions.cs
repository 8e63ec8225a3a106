using Connector.Decoding.Speculation;

namespace Connector.Decoding.Engine;

/// <summary>What a <see cref="DecodingEngine"/> may use and how it shares it out.</summary>
public sealed record EngineOptions
{
    /// <summary>Tokens that all requests and cached prefixes hold together. Null (default): the model's choice.</summary>
    public int? ContextCapacity { get; init; }

    /// <summary>
    /// The longest context of one request, prompt and answer, in tokens. Null (default): what the model was trained for, at most the capacity.
    /// </summary>
    public int? MaxContextPerRequest { get; init; }

    /// <summary>Requests that run at once. Default 8.</summary>
    public int MaxSequences { get; init; } = 8;

    /// <summary>Finished sequences kept for their prefixes, at most. Default 8; 0 turns the prefix cache off.</summary>
    public int MaxCachedSequences { get; init; } = 8;

    /// <summary>Requests that wait for a slot, at most; one more is an <see cref="EngineBusyException"/>. Default 64.</summary>
    public int MaxQueued { get; init; } = 64;

    /// <summary>How long a request may wait for its slot before it fails with <see cref="TimeoutException"/>. Null (default): for ever.</summary>
    public TimeSpan? QueueTimeout { get; init; }

    /// <summary>The most tokens of one call of the model. Default 512.</summary>
    public int MaxBatchTokens { get; init; } = 512;

    /// <summary>The most rows of one call whose logits are asked for: running requests and draft nodes. Default 64.</summary>
    public int MaxOutputs { get; init; } = 64;

    /// <summary>The longest prompt a request may have, in tokens. Null (default): no limit but the context.</summary>
    public int? MaxPromptTokens { get; init; }

    /// <summary>The most tokens a request may ask for. Null (default): no limit but the context.</summary>
    public int? MaxGeneratedTokens { get; init; }

    /// <summary>
    /// How much longer a step may take, by estimate, because prompts are evaluated beside running answers. Default 50 ms; zero: four
    /// prompt tokens a step, which is the least anyway. While nothing else runs, prompts take whole batches.
    /// </summary>
    public TimeSpan PrefillBudget { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Tokens a reader may be behind before its request pauses. Default 256.</summary>
    public int ReaderBuffer { get; init; } = 256;

    /// <summary>
    /// How long tokens may lie before their reader is woken while the next ones are on their way. Default 20 ms; zero: every step. Waking a thread
    /// takes a core from the model's own threads: on two cores that cost up to half of a small model's speed. The first and the last token never wait.
    /// </summary>
    public TimeSpan WakeInterval { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether a request's tokens must not depend on what runs beside it, to the last bit of a logit. Default false. See <see cref="ContextOptions.ExactMode"/>.</summary>
    public bool ExactMode { get; init; }

    /// <summary>Sequences for the branches of draft trees, shared by all requests. Default 8; 0: drafts are chains.</summary>
    public int DraftLanes { get; init; } = 8;

    /// <summary>
    /// Who drafts. Called once with the engine's context, on which it may calibrate as long as it leaves no sequence behind; the engine disposes the
    /// planner. Null (default): nobody, every step yields one token a request.
    /// </summary>
    public Func<IModelContext, IDraftPlanner>? Drafting { get; init; }

    /// <summary>Turns the engine's context options into those of an implementation, such as one with device settings. Default: as they are.</summary>
    public Func<ContextOptions, ContextOptions>? ConfigureContext { get; init; }

    /// <summary>What is out of range, each as "name is value but must be …"; empty where all is well.</summary>
    public IEnumerable<string> Faults()
    {
        (string Name, double? Value, double Minimum)[] numbers =
        [
            (nameof(ContextCapacity), ContextCapacity, 1),
            (nameof(MaxContextPerRequest), MaxContextPerRequest, 1),
            (nameof(MaxSequences), MaxSequences, 1),
            (nameof(MaxCachedSequences), MaxCachedSequences, 0),
            (nameof(MaxQueued), MaxQueued, 0),
            (nameof(QueueTimeout), QueueTimeout?.TotalSeconds, 0),
            (nameof(MaxBatchTokens), MaxBatchTokens, 1),
            (nameof(MaxOutputs), MaxOutputs, 1),
            (nameof(MaxPromptTokens), MaxPromptTokens, 1),
            (nameof(MaxGeneratedTokens), MaxGeneratedTokens, 1),
            (nameof(PrefillBudget), PrefillBudget.TotalSeconds, 0),
            (nameof(ReaderBuffer), ReaderBuffer, 1),
            (nameof(WakeInterval), WakeInterval.TotalSeconds, 0),
            (nameof(DraftLanes), DraftLanes, 0),
        ];
        foreach (var (name, value, minimum) in numbers)
        {
            if (value < minimum)
            {
                yield return FormattableString.Invariant($"{name} is {value} but must be at least {minimum}");
            }
        }
    }

    /// <summary>The context that these options ask of the model.</summary>
    internal ContextOptions ContextOptions()
    {
        var options = new ContextOptions
        {
            Capacity = ContextCapacity,
            MaxSequences = MaxSequences + MaxCachedSequences + (Drafting is null ? 0 : DraftLanes),
            MaxBatchTokens = MaxBatchTokens,
            MaxOutputs = Math.Min(MaxOutputs, MaxBatchTokens),
            ExactMode = ExactMode,
        };
        return ConfigureContext?.Invoke(options) ?? options;
    }
}
