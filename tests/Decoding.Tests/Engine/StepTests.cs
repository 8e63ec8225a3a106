using System.Diagnostics.Metrics;
using Connector.Decoding.Constraints;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Connector.Decoding.Speculation;
using Microsoft.Extensions.Logging.Abstractions;
using static Connector.Decoding.Tests.Engine.EngineHarness;

namespace Connector.Decoding.Tests.Engine;

public sealed class StepTests
{
    private static readonly int[] Prompt = [1, 2, 3];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_step_in_the_steady_state_allocates_nothing(bool drafts)
    {
        using var model = new QuietModel();
        using var planner = new ChainDrafts();
        var options = new EngineOptions { MaxSequences = 4, ReaderBuffer = 64, Drafting = drafts ? _ => planner : null };
        using var engine = new DecodingEngine(model, options, TimeProvider.System, NullLogger.Instance, ownThread: false);
        var generations = engine.Submit(new GenerationRequest { Prompt = Prompt, MaxTokens = 4000, Sampling = new SamplingOptions { TopP = 0.9f } }, 4).ToList();
        var allocating = 0;
        for (var step = 0; step < 480; step++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            engine.Step();
            allocating += step >= 310 && GC.GetAllocatedBytesForCurrentThread() != before ? 1 : 0;
            foreach (var generation in generations)
            {
                while (generation.TryRead(out _))
                {
                }
            }
        }

        Assert.True(generations.TrueForAll(g => g.Usage.Generated >= 479));

        // What remembers tokens doubles now and then; 170 steps hold nothing else that allocates.
        Assert.InRange(allocating, 0, drafts ? 12 : 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void A_reader_who_keeps_up_is_never_paused_by_tokens_held_back_from_it(int readerBuffer)
    {
        var options = new EngineOptions { ReaderBuffer = readerBuffer, WakeInterval = TimeSpan.FromHours(1) };
        using var model = new QuietModel();
        using var engine = new DecodingEngine(model, options, new FakeClock(), NullLogger.Instance, ownThread: false);
        var generation = engine.Submit(new GenerationRequest { Prompt = Prompt, MaxTokens = 100 });
        var steps = 0;
        while (!generation.IsReadToEnd)
        {
            engine.Step();
            steps++;
            ReadAvailable(generation);
            Assert.InRange(steps, 1, 101);
        }

        Assert.Equal(100, generation.Usage.Generated);
    }

    [Fact]
    public void A_long_prompt_shares_steps_within_the_time_budget_and_takes_whole_batches_alone()
    {
        // A step takes 2 ms and 0.5 ms a row; the budget of 20 ms is 40 rows.
        var clock = new FakeClock();
        using var model = new QuietModel { Evaluating = rows => clock.Advance(TimeSpan.FromMilliseconds(2 + (0.5 * rows))) };
        var options = new EngineOptions { PrefillBudget = TimeSpan.FromMilliseconds(20), ReaderBuffer = 4096 };
        using var engine = new DecodingEngine(model, options, clock, NullLogger.Instance, ownThread: false);
        engine.Submit(new GenerationRequest { Prompt = new int[100], MaxTokens = 3000 });
        engine.Step();
        Assert.Equal([100], model.BatchSizes);
        for (var i = 0; i < 20; i++)
        {
            engine.Step();
        }

        var intruder = engine.Submit(new GenerationRequest { Prompt = Enumerable.Repeat(5, 1200).ToArray(), MaxTokens = 1 });
        var shared = 0;
        while (!intruder.IsReadToEnd)
        {
            engine.Step();
            shared++;
            ReadAvailable(intruder);
            Assert.InRange(model.BatchSizes[^1], 1, 44);
        }

        Assert.InRange(shared, 28, 60);
    }

    [Fact]
    public void The_longest_prompt_does_not_hold_up_a_short_one()
    {
        var model = new ScriptedModel { Capacity = 400 };
        using var engine = Create(model, new EngineOptions { MaxBatchTokens = 8, MaxSequences = 2 });
        var long_ = engine.Submit(Request(new string('b', 60), 5));
        engine.Step();
        var short_ = Request("ccc", 1);
        var second = engine.Submit(short_);
        engine.Step();
        Assert.Equal(Alone(model, short_, 64).Text, Letters(ReadAvailable(second)));
        Assert.Equal(0, long_.Usage.Generated);
    }

    [Fact]
    public void Constraints_hold_and_forced_tokens_are_counted()
    {
        var model = new ScriptedModel();
        using var engine = Create(model);
        var request = Request("bcd", 50) with { Constraint = new OnlyThis("hello", afterChoiceOf: "xyz") };
        var generation = engine.Submit(request);
        var tokens = new List<GeneratedToken>();
        while (!generation.IsReadToEnd)
        {
            engine.Step();
            while (generation.TryRead(out var token))
            {
                tokens.Add(token);
            }
        }

        Assert.Equal(FinishReason.EndOfGeneration, generation.FinishReason);
        Assert.Contains(Letters(tokens.Select(t => t.Token)), (string[])["dhello", "ehello", "fhello"]);
        Assert.Equal((1, 6, 7), (generation.Usage.Bonus, generation.Usage.Forced, generation.Usage.Generated));
        Assert.Equal(TokenOrigin.Bonus, tokens[0].Origin);
        Assert.All(tokens.Skip(1), t => Assert.Equal(TokenOrigin.Forced, t.Origin));
    }

    [Fact]
    public void Usage_and_meter_count_drafts_alike()
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var model = new ScriptedModel { Name = "metered drafts" };
        using var listener = Listen(model.Name, counts);
        var setup = new SpeculationSetup { Clock = new FakeClock() };
        using var engine = Create(model, new EngineOptions { Drafting = Connector.Speculation.Auto.Drafting(model, setup) }, new FakeClock());
        var constrained = engine.Submit(Request("bcd", 50) with { Constraint = new OnlyThis("hello", afterChoiceOf: "xyz") });
        var free = engine.Submit(Request("bcdefgbcdefgbcdefg", 50, seed: 1));
        RunToEnd(engine, constrained);
        RunToEnd(engine, free);

        // The drafts that the constraint forced were confirmed, but were no choice of the model's.
        var usages = new[] { constrained.Usage, free.Usage };
        Assert.Equal((1, 6), (constrained.Usage.Bonus, constrained.Usage.Forced));
        Assert.True(constrained.Usage.Drafted >= 5);
        Assert.Equal(usages.Sum(u => u.Drafted), counts["connector.decoding.drafted_tokens"]);
        Assert.Equal(usages.Sum(u => u.Accepted), counts["connector.decoding.accepted_tokens"]);
        Assert.Equal(usages.Sum(u => u.Forced), counts["connector.decoding.forced_tokens"]);
        Assert.Equal(usages.Sum(u => u.Accepted + u.Forced + u.Bonus), counts["connector.decoding.generated_tokens"]);
    }

    [Fact]
    public void The_meter_counts_what_happens()
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var model = new ScriptedModel { Name = "metered" };
        using var listener = Listen(model.Name, counts);
        using var engine = Create(model, new EngineOptions { MaxSequences = 1 });
        var generations = engine.Submit(Request(new string('b', 20), 5, seed: 3), completions: 2);
        engine.Step();
        listener.RecordObservableInstruments();
        Assert.Equal((1, 1), (counts["connector.decoding.active_sequences"], counts["connector.decoding.queue_length"]));
        foreach (var generation in generations)
        {
            RunToEnd(engine, generation);
        }

        Assert.Equal(40, counts["connector.decoding.prompt_tokens"]);
        Assert.Equal(generations.Sum(g => g.Usage.Cached), counts["connector.decoding.cached_tokens"]);
        Assert.Equal(generations.Sum(g => g.Usage.Generated), counts["connector.decoding.generated_tokens"]);
        Assert.Equal(model.Evaluations, counts["connector.decoding.step_time"]);
    }

    private static MeterListener Listen(string model, Dictionary<string, long> counts)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == "Connector.Decoding" && instrument.Meter.Tags!.Any(t => Equals(t.Value, model)))
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((i, value, _, _) => counts[i.Name] = counts.GetValueOrDefault(i.Name) + value);
        listener.SetMeasurementEventCallback<int>((i, value, _, _) => counts[i.Name] = value);
        listener.SetMeasurementEventCallback<double>((i, _, _, _) => counts[i.Name] = counts.GetValueOrDefault(i.Name) + 1);
        listener.Start();
        return listener;
    }

    /// <summary>Two guesses a step, the second right: as much as drafting can cost the engine.</summary>
    private sealed class ChainDrafts : IDraftPlanner
    {
        public void Begin(DraftSequence sequence)
        {
        }

        public void Plan(ReadOnlySpan<DraftSequence> sequences, in StepBudget step)
        {
            foreach (var sequence in sequences)
            {
                sequence.Tree.Add(sequence.Tree.Add(0, 6, 0.5f, 1), 13, 0.25f, 1);
                sequence.Tree.Add(0, 13, 0.4f, 1);
            }
        }

        public void ObserveLogits(DraftSequence sequence, int node, ReadOnlySpan<float> logits)
        {
        }

        public void Committed(DraftSequence sequence, ReadOnlySpan<int> path, ReadOnlySpan<int> tokens)
        {
        }

        public void StepCompleted(in StepBudget step, int rows, TimeSpan evaluation)
        {
        }

        public void End(DraftSequence sequence)
        {
        }

        public void Dispose()
        {
        }
    }

    [Fact]
    public void What_a_constraint_would_rather_have_is_said()
    {
        using var model = new ScriptedModel();
        using var engine = Create(model);
        var request = Request("abc", maxTokens: 6, temperature: 0);
        var generation = engine.Submit(request with { Constraint = new Wish("hedge") });
        Assert.StartsWith("hedge", RunToEnd(engine, generation), StringComparison.Ordinal);
    }

    /// <summary>Anything goes, but a word is wished for.</summary>
    private sealed class Wish(string word) : ITokenConstraint
    {
        private static readonly TokenMask s_all = TokenMask.FromTokens(Enumerable.Range(0, ScriptedModel.VocabularySize));

        public ConstraintState Start => default;

        public bool TryAdvance(ref ConstraintState state, int token)
        {
            state = state with { Parser = state.Parser + 1 };
            return true;
        }

        public TokenMask Mask(in ConstraintState state) => s_all;

        public TokenBias Bias(in ConstraintState state) => state.Parser < word.Length ? new TokenBias(word[state.Parser] - 'a', 100) : default;

        public int ForcedTokens(in ConstraintState state, Span<int> tokens) => 0;

        public bool IsComplete(in ConstraintState state) => true;
    }

    /// <summary>One of three letters, then a fixed word, then the end.</summary>
    private sealed class OnlyThis(string word, string afterChoiceOf) : ITokenConstraint
    {
        private readonly int _choices = afterChoiceOf.Length;

        public ConstraintState Start => default;

        public bool TryAdvance(ref ConstraintState state, int token)
        {
            if (!Mask(state).Contains(token))
            {
                return false;
            }

            state = state with { Parser = state.Parser + 1 };
            return true;
        }

        public TokenMask Mask(in ConstraintState state) =>
            TokenMask.FromTokens(state.Parser switch
            {
                0 => Enumerable.Range(3, _choices),
                var i when i <= word.Length => [word[i - 1] - 'a'],
                _ => [0],
            });

        public int ForcedTokens(in ConstraintState state, Span<int> tokens) => 0;

        public bool IsComplete(in ConstraintState state) => state.Parser > word.Length;
    }
}
