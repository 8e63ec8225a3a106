using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Connector.Decoding.Speculation;
using Connector.Decoding.Tests.Engine;

namespace Connector.Decoding.Tests.Speculation.Planning;

/// <summary>When a draft model is asked: its calls take a tenth of a step, and a hundredth more for every token they read.</summary>
public sealed class ModelLayersTests
{
    private const double Call = 0.1;
    private const double PerToken = 0.01;
    private const int Prompt = 400;

    [Fact]
    public void Prompts_are_read_where_answers_are_long_enough_to_pay_for_them()
    {
        using var run = new Run();
        run.Answer(tokens: 100, isGuessed: true);
        run.ReadRows = 0;

        run.Answer(tokens: 100, isGuessed: true);

        Assert.True(run.ReadRows > Prompt, $"{run.ReadRows} rows");
    }

    [Fact]
    public void Prompts_are_not_read_for_answers_of_a_few_tokens()
    {
        using var run = new Run();
        for (var i = 0; i < 40; i++)
        {
            run.Answer(tokens: 3, isGuessed: true);
        }

        run.ReadRows = 0;
        for (var i = 0; i < 40; i++)
        {
            run.Answer(tokens: 3, isGuessed: true);
        }

        Assert.Equal(0, run.ReadRows);
    }

    [Fact]
    public void Prompts_are_not_read_for_an_answer_that_is_about_to_end()
    {
        using var run = new Run();
        run.Answer(tokens: 100, isGuessed: true);
        run.Answer(tokens: 100, isGuessed: true);
        run.ReadRows = 0;

        run.Answer(tokens: 3, isGuessed: true, maxTokens: 3);

        Assert.Equal(0, run.ReadRows);
    }

    [Fact]
    public void Prompts_that_get_no_answer_do_not_count_as_short_ones()
    {
        using var run = new Run();
        run.Answer(tokens: 100, isGuessed: true);
        run.Answer(tokens: 100, isGuessed: true);
        for (var i = 0; i < 40; i++)
        {
            run.Answer(tokens: 0, isGuessed: true);
        }

        run.ReadRows = 0;
        run.Answer(tokens: 100, isGuessed: true);

        Assert.True(run.ReadRows > Prompt, $"{run.ReadRows} rows");
    }

    [Fact]
    public void Looking_at_a_useless_draft_model_takes_a_hundredth_at_most()
    {
        using var run = new Run();
        run.Answer(tokens: 200, isGuessed: false);
        run.Answer(tokens: 200, isGuessed: false);
        run.DraftMilliseconds = 0;

        run.Answer(tokens: 3000, isGuessed: false);

        // The answer may begin with a prompt that is read in good faith.
        var prompt = Call + (Prompt * PerToken);
        Assert.InRange(run.DraftMilliseconds, 0.1, prompt + (0.01 * 3000));
    }

    [Fact]
    public void Request_after_request_a_useless_draft_model_is_asked_less()
    {
        using var run = new Run();
        for (var i = 0; i < 30; i++)
        {
            run.Answer(tokens: 100, isGuessed: false);
        }

        run.DraftMilliseconds = 0;
        for (var i = 0; i < 30; i++)
        {
            run.Answer(tokens: 100, isGuessed: false);
        }

        Assert.InRange(run.DraftMilliseconds, 0, 0.01 * 30 * 100);
    }

    [Fact]
    public void A_draft_model_that_was_useless_for_one_text_is_tried_with_the_next()
    {
        using var run = new Run();
        run.Answer(tokens: 100, isGuessed: true);
        run.Answer(tokens: 200, isGuessed: false);
        run.ReadRows = 0;

        run.Answer(tokens: 100, isGuessed: true);

        Assert.True(run.ReadRows > Prompt, $"{run.ReadRows} rows");
    }

    [Fact]
    public void A_first_call_that_takes_long_shuts_no_model_out()
    {
        using var run = new Run { Delay = 50 };
        for (var i = 0; i < 3; i++)
        {
            run.ReadRows = 0;
            run.Answer(tokens: 100, isGuessed: true);
            Assert.True(run.ReadRows > Prompt, $"{run.ReadRows} rows");
        }
    }

    [Fact]
    public void Sequences_for_which_a_row_alone_would_be_too_dear_are_drafted_for_together()
    {
        // Four tokens and eight are cheap, five are not.
        using var run = new Run([(1, 1), (2, 1.6), (4, 2.4), (5, 3.3), (8, 3.6), (16, 6)]);
        run.Answer(tokens: 100, isGuessed: true, count: 4);

        Assert.True(run.ReadRows > 4 * (Prompt + 50), $"{run.ReadRows} rows");
    }

    /// <summary>Plays answers whose tokens the draft model guesses, or never does.</summary>
    private sealed class Run : IDisposable
    {
        private readonly Clock _clock = new();
        private readonly ScriptedModel _draft = new() { Habit = 9, TrainedContextLength = 8192 };
        private readonly ModelDraft _source;
        private readonly StepCostModel _curve;
        private readonly DraftPlanner _planner;
        private readonly Random _random = new(1);

        public Run((int Tokens, double Milliseconds)[]? curve = null)
        {
            _curve = StepCostModel.Through(curve ?? [(1, 1), (64, 1)]);
            _draft.Evaluating = batch =>
            {
                ReadRows += batch.Count;
                DraftMilliseconds += Call + (batch.Count * PerToken);
                _clock.Advance(Delay + Call + (batch.Count * PerToken));
                Delay = 0;
            };
            _source = new ModelDraft(_draft, _draft.Vocabulary, new ContextOptions { Capacity = 8192, MaxSequences = 4, MaxBatchTokens = 512, MaxOutputs = 4 });
            _planner = new DraftPlanner([_source], _curve, _clock);
        }

        /// <summary>Milliseconds that the next call takes longer.</summary>
        public double Delay { get; set; }

        public int ReadRows { get; set; }

        public double DraftMilliseconds { get; set; }

        public void Answer(int tokens, bool isGuessed, int? maxTokens = null, int count = 1)
        {
            DraftSequence[] sequences = [.. Enumerable.Range(0, count).Select(_ => Begin(tokens))];
            for (var done = 0; done < tokens; done++)
            {
                Step(sequences, isGuessed, (maxTokens ?? 10_000) - done);
            }

            foreach (var sequence in sequences)
            {
                _planner.End(sequence);
            }
        }

        public void Dispose()
        {
            _planner.Dispose();
            _draft.Dispose();
        }

        private DraftSequence Begin(int tokens)
        {
            int[] prompt = [.. Enumerable.Range(0, Prompt).Select(_ => _random.Next(1, ScriptedModel.VocabularySize))];
            var request = new GenerationRequest { Prompt = prompt, Sampling = SamplingOptions.Greedy };
            var sequence = new DraftSequence(request, new TokenHistory(prompt, Math.Max(1, tokens)), 32) { MaxNodes = 8, MaxLeaves = 8 };
            _planner.Begin(sequence);
            return sequence;
        }

        // One token a step, whatever was drafted: what counts here is who was asked.
        private void Step(DraftSequence[] sequences, bool isGuessed, int left)
        {
            var budget = new StepBudget(31, 0, sequences.Sum(s => s.History.Count));
            foreach (var sequence in sequences)
            {
                sequence.MaxDepth = left - 1;
                sequence.Tree.Reset(sequence.History.Tokens[^1]);
            }

            _planner.Plan(sequences, budget);
            foreach (var sequence in sequences)
            {
                var tree = sequence.Tree;
                var guessed = tree.Count > 1 ? tree.Tokens[1] : 1;
                var token = isGuessed ? guessed : Enumerable.Range(1, ScriptedModel.VocabularySize - 1).First(t => tree.FindChild(0, t) < 0);
                sequence.History.Append(token);
                _planner.Committed(sequence, isGuessed && tree.Count > 1 ? [1] : [], [token]);
            }

            var rows = sequences.Sum(s => s.Tree.Count);
            _planner.StepCompleted(budget, rows, TimeSpan.FromMilliseconds(_curve.Milliseconds(rows, 0)));
        }
    }

    /// <summary>Time passes only where a test says so.</summary>
    private sealed class Clock : TimeProvider
    {
        private long _microseconds;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => _microseconds;

        public void Advance(double milliseconds) => _microseconds += (long)(milliseconds * 1000);
    }
}
