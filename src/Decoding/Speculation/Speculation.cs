using Connector.Decoding;
using Connector.Decoding.Speculation;

namespace Connector;

/// <summary>
/// Whether and how answers are drafted ahead and verified in one call of the model. It changes the speed, never the
/// text: the token at a position is a function of model, prompt, options and seed. Immutable; one value can serve any
/// number of engines.
/// </summary>
/// <remarks>
/// <c>EngineOptions.Drafting = Speculation.Auto.Drafting(model)</c> turns it on for an engine. Lives in the namespace
/// <c>Connector</c> because it is an option of a chat client as much as of an engine.
/// </remarks>
public sealed class Speculation
{
    private readonly Func<ILanguageModel, IModelContext, IReadOnlyList<IDraftSource>>? _sources;

    private Speculation(string name, Func<ILanguageModel, IModelContext, IReadOnlyList<IDraftSource>>? sources, SpeculationLimits limits)
    {
        _sources = sources;
        Name = name;
        Limits = limits;
        if (limits.Faults().ToList() is { Count: > 0 } faults)
        {
            throw new ArgumentException($"Speculation cannot work within these limits: {string.Join("; ", faults)}.", nameof(limits));
        }
    }

    /// <summary>No drafts: every call of the model yields one token a request.</summary>
    public static Speculation Off { get; } = new("off", null, new SpeculationLimits());

    /// <summary>
    /// The default: drafts from the request's own text, from earlier answers, from the model's own recent guesses and from
    /// the constraint, as many as the device makes worth their time. Needs no second model.
    /// </summary>
    public static Speculation Auto { get; } = Of("auto", null, new SpeculationLimits());

    /// <summary>What it is: off, auto, draft model or custom.</summary>
    public string Name { get; }

    /// <summary>How much it may use.</summary>
    public SpeculationLimits Limits { get; }

    /// <summary>All of <see cref="Auto"/> and a smaller model that guesses too.</summary>
    /// <param name="model">
    /// The draft model, with the deciding model's vocabulary: the same pieces and special tokens; up to 128 entries of padding
    /// may differ. It must outlive the engines that use it and is not disposed with them.
    /// </param>
    /// <param name="context">
    /// Its context, which may name a device of its own. Null (default): as many sequences and tokens as the deciding model's.
    /// </param>
    /// <param name="limits">How much it may use. Null (default): the defaults.</param>
    /// <exception cref="ArgumentException">A limit is out of range.</exception>
    public static Speculation Draft(ILanguageModel model, ContextOptions? context = null, SpeculationLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Of("draft model", (target, targetContext) => new ModelDraft(model, target.Vocabulary, context ?? ModelDraft.ContextLike(targetContext, model)), limits ?? new());
    }

    /// <summary>Sources of the caller's choice.</summary>
    /// <param name="sources">
    /// Makes the sources for one engine, at most eight; each is used by that engine's thread only and disposed with it where it
    /// is disposable. <see cref="DraftSources"/> has the built-in ones.
    /// </param>
    /// <param name="limits">How much it may use. Null (default): the defaults.</param>
    /// <exception cref="ArgumentException">A limit is out of range.</exception>
    public static Speculation Custom(Func<Vocabulary, IReadOnlyList<IDraftSource>> sources, SpeculationLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return new Speculation("custom", (model, _) => sources(model.Vocabulary), limits ?? new());
    }

    /// <summary>What an engine needs to draft: the value of <c>EngineOptions.Drafting</c>; null where speculation is off.</summary>
    /// <param name="model">The deciding model.</param>
    /// <param name="setup">Where costs are kept, and what device they belong to. Null (default): costs are measured at every load.</param>
    public Func<IModelContext, IDraftPlanner>? Drafting(ILanguageModel model, SpeculationSetup? setup = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return _sources is null ? null : context => PlannerFactory.Create(model, context, _sources(model, context), Limits, setup ?? new SpeculationSetup());
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static Speculation Of(string name, Func<ILanguageModel, IModelContext, IDraftSource>? first, SpeculationLimits limits) => new(
        name,
        (model, context) =>
        [
            DraftSources.Grammar(),
            .. first is null ? Array.Empty<IDraftSource>() : [first(model, context)],
            DraftSources.RequestSuffixes(limits.RequestTokens),
            DraftSources.FinishedSuffixes(limits.FinishedTokens),
            DraftSources.Recycling(model.Vocabulary),
        ],
        limits);
}
