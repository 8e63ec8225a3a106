using Connector.Decoding.Engine;
using Connector.Decoding.Speculation;
using Connector.Decoding.Tests.Engine;
using static Connector.Decoding.Tests.Engine.EngineHarness;

namespace Connector.Decoding.Tests.Speculation;

public sealed class SpeculationTests
{
    // With a clock that stands still every call takes no time, so larger batches cost nothing more.
    private static readonly SpeculationSetup Flat = new() { Clock = new StoppedClock() };

    [Fact]
    public void Off_drafts_nothing_and_the_others_do()
    {
        var model = new ScriptedModel { Habit = 6 };
        Assert.Null(Connector.Speculation.Off.Drafting(model));
        using var draft = new ScriptedModel { Habit = 6 };
        foreach (var speculation in (Connector.Speculation[])
        [
            Connector.Speculation.Auto,
            Connector.Speculation.Draft(draft),
            Connector.Speculation.Custom(v => [DraftSources.RequestSuffixes(), DraftSources.Recycling(v)]),
        ])
        {
            var request = Request("bcdefghbcdefgh", maxTokens: 40, temperature: 0);
            using var engine = Create(model, new EngineOptions { Drafting = speculation.Drafting(model, Flat) }, new StoppedClock());
            var generation = engine.Submit(request);
            Assert.Equal(Alone(model, request, engine.ContextTokens).Text, RunToEnd(engine, generation));
            Assert.True(generation.Usage.Accepted > 0, speculation.Name);
            AssertNothingLeaked(engine, model);
        }
    }

    [Fact]
    public void A_draft_model_that_agrees_is_accepted_at_any_temperature()
    {
        foreach (var temperature in (float[])[0, 0.7f, 1.3f])
        {
            var model = new ScriptedModel();
            using var twin = new ScriptedModel();
            using var engine = Create(model, new EngineOptions { Drafting = context => Model(twin, model, context) }, new StoppedClock());
            var usage = new List<GenerationUsage>();
            for (ulong seed = 0; seed < 20; seed++)
            {
                var generation = engine.Submit(Request("bcde", maxTokens: 30, seed, temperature));
                RunToEnd(engine, generation);
                usage.Add(generation.Usage);
            }

            // Its twin reads the same text with the same luck, so nearly all that it drafts is right.
            var (accepted, drafted) = (usage.Sum(u => u.Accepted), usage.Sum(u => u.Drafted));
            Assert.True(usage.Average(u => u.MeanAcceptedTokens) > 2, $"{accepted} of {drafted}");
        }
    }

    [Fact]
    public void Limits_are_checked_together()
    {
        var fault = Assert.Throws<ArgumentException>(() => Connector.Speculation.Custom(_ => [], new SpeculationLimits { MaxDrafted = -1, FinishedTokens = 3 }));
        Assert.Contains("MaxDrafted is -1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("FinishedTokens is 3", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sources_are_released_where_the_device_cannot_be_measured()
    {
        using var model = new QuietModel { Evaluating = _ => throw new ModelEvaluationException("The device is gone.") };
        var source = new OwningSource();
        var drafting = Connector.Speculation.Custom(_ => [source]).Drafting(model, Flat)!;
        Assert.Throws<ModelEvaluationException>(() => drafting(model.CreateContext(new ContextOptions())));
        Assert.True(source.IsDisposed);
    }

    [Fact]
    public void Step_costs_are_measured_once_and_kept()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"connector-{Guid.NewGuid():n}");
        try
        {
            var model = new ScriptedModel { Fault = _ => null };
            var setup = new SpeculationSetup { CacheFolder = folder, Device = "test" };
            Assert.True(Evaluations(model, setup) > 0);
            Assert.Single(Directory.GetFiles(folder));
            Assert.Equal(0, Evaluations(model, setup));
            Assert.True(Evaluations(model, setup with { Device = "other" }) > 0);
            model.Conditions = "one thread fewer";
            Assert.True(Evaluations(model, setup) > 0);
            Assert.Equal(3, Directory.GetFiles(folder).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_draft_model_with_another_vocabulary_is_refused_with_the_first_difference()
    {
        var target = Vocabulary("a", "b", "c");
        DraftVocabulary.Check("same", Vocabulary("a", "b", "c"), target);
        DraftVocabulary.Check("padded", Vocabulary("a", "b", "c", "<pad>"), target);
        Assert.Contains("token 1 is 'x' against 'b'", Refusal(Vocabulary("a", "x", "c")), StringComparison.Ordinal);
        Assert.Contains("begin with token 2 against none", Refusal(Vocabulary(["a", "b", "c"], begin: 2)), StringComparison.Ordinal);
        Assert.Contains("EndOfGeneration against None", Refusal(Vocabulary(["a", "b", "c"], end: 2)), StringComparison.Ordinal);
        Assert.Contains("132 tokens against 3", Refusal(Vocabulary([.. Enumerable.Range(0, 132).Select(i => $"{i}")])), StringComparison.Ordinal);

        string Refusal(Vocabulary draft) => Assert.Throws<ArgumentException>(() => DraftVocabulary.Check("draft", draft, target)).Message;
    }

    [Fact]
    public void A_draft_model_that_cannot_rewind_is_refused()
    {
        using var draft = new ScriptedModel { Memory = MemoryCapabilities.None };
        var fault = Assert.Throws<ArgumentException>(() => new ModelDraft(draft, draft.Vocabulary, new ContextOptions()));
        Assert.Contains("take back", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, draft.LiveContexts);
    }

    private static int Evaluations(ScriptedModel model, SpeculationSetup setup)
    {
        using var context = model.CreateContext(new ContextOptions());
        model.Evaluations = 0;
        using var planner = Connector.Speculation.Auto.Drafting(model, setup)!(context);
        Assert.Equal(0, ((ScriptedContext)context).UsedCells);
        return model.Evaluations;
    }

    private static DraftPlanner Model(ScriptedModel draft, ScriptedModel target, IModelContext context) => new(
        [new ModelDraft(draft, target.Vocabulary, ModelDraft.ContextLike(context, draft))], Curves.Flat, new StoppedClock());

    private static Vocabulary Vocabulary(params string[] pieces) => Vocabulary(pieces, null, null);

    private static Vocabulary Vocabulary(string[] pieces, int? begin = null, int? end = null) => new(
        [.. pieces.Select((p, i) => new VocabularyToken(System.Text.Encoding.UTF8.GetBytes(p), p, i == end ? TokenKinds.EndOfGeneration : TokenKinds.None))],
        new NoTokenizer(),
        begin);

    private sealed class NoTokenizer : ITokenizer
    {
        public int[] Tokenize(string text, bool parseSpecial) => throw new NotSupportedException();
    }

    /// <summary>Guesses nothing and owns something.</summary>
    private sealed class OwningSource : IDraftSource, IDisposable
    {
        public string Name => "owning";

        public int Classes => 1;

        public bool IsDisposed { get; private set; }

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

        public int Propose(in DraftPlace place, Span<DraftCandidate> candidates) => 0;

        public void Dispose() => IsDisposed = true;
    }
}
