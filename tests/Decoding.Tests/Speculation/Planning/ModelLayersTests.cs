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

        AssertPromptIsRead(run.Answer(tokens: 100, isGuessed: true));
    }

    [Fact]
    public void Prompts_are_not_read_for_answers_of_a_few_tokens()
    {
        using var run = new Run();
        run.Answers(40, tokens: 3, isGuessed: true);

        Assert.Equal(0, run.Answers(40, tokens: 3, isGuessed: true).Rows);
    }

    [Fact]
    public void Prompts_are_not_read_for_an_answer_that_is_about_to_end()
    {
        using var run = new Run();
        run.Answers(2, tokens: 100, isGuessed: true);

        Assert.Equal(0, run.Answer(tokens: 3, isGuessed: true, maxTokens: 3).Rows);
    }

    [Fact]
    public void Prompts_that_get_no_answer_do_not_count_as_short_ones()
    {
        using var run = new Run();
        run.Answers(2, tokens: 100, isGuessed: true);
        run.Answers(40, tokens: 0, isGuessed: true);

        AssertPromptIsRead(run.Answer(tokens: 100, isGuessed: true));
    }

    [Fact]
    public void Looking_at_a_useless_draft_model_takes_a_hundredth_at_most()
    {
        using var run = new Run();
        run.Answers(2, tokens: 200, isGuessed: false);

        // The answer may begin with a prompt that is read in good faith.
        var prompt = Call + (Prompt * PerToken);
        Assert.InRange(run.Answer(tokens: 3000, isGuessed: false).Milliseconds, 0.1, prompt + (0.01 * 3000));
    }

    [Fact]
    public void Request_after_request_a_useless_draft_model_is_asked_less()
    {
        using var run = new Run();
        run.Answers(30, tokens: 100, isGuessed: false);

        Assert.InRange(run.Answers(30, tokens: 100, isGuessed: false).Milliseconds, 0, 0.01 * 30 * 100);
    }

    [Fact]
    public void A_draft_model_that_was_useless_for_one_text_is_tried_with_the_next()
    {
        using var run = new Run();
        run.Answer(tokens: 100, isGuessed: true);
        run.Answer(tokens: 200, isGuessed: false);

        AssertPromptIsRead(run.Answer(tokens: 100, isGuessed: true));
    }

    [Fact]
    public void A_first_call_that_takes_long_shuts_no_model_out()
    {
        using var run = new Run { Delay = 50 };
        for (var i = 0; i < 3; i++)
        {
            AssertPromptIsRead(run.Answer(tokens: 100, isGuessed: true));
        }
    }

    [Fact]
    public void Sequences_for_which_a_row_alone_would_be_too_dear_are_drafted_for_together()
    {
        // Four tokens and eight are cheap, five are not.
        using var run = new Run([(1, 1), (2, 1.6), (4, 2.4), (5, 3.3), (8, 3.6), (16, 6)]);
        var asked = run.Answer(tokens: 100, isGuessed: true, count: 4);

        Assert.True(asked.Rows > 4 * (Prompt + 50), $"{asked.Rows} rows");
    }

    private static void AssertPromptIsRead(Asked asked) => Assert.True(asked.Rows > Prompt, $"{asked.Rows} rows");

    /// <summary>What the draft model was asked to do.</summary>
    private readonly record struct Asked(int Rows, double Milliseconds);

    /// <summary>Plays answers whose tokens the draft model guesses, or never does.</summary>
    private sealed class Run : IDisposable
    {
        private readonly FakeClock _clock = new();
        private readonly ScriptedModel _draft = new() { Habit = 9, TrainedContextLength = 8192 };
        private readonly StepCostModel _curve;
        private readonly DraftPlanner _planner;
        private readonly Random _random = new(1);
        private Asked _asked;

        public Run((int Tokens, double Milliseconds)[]? curve = null)
        {
            _curve = StepCostModel.Through(curve ?? [(1, 1), (64, 1)]);
            _draft.Evaluating = batch =>
            {
                var time = Call + (batch.Count * PerToken);
                _asked = new Asked(_asked.Rows + batch.Count, _asked.Milliseconds + time);
                _clock.Advance(TimeSpan.FromMilliseconds(Delay + time));
                Delay = 0;
            };
            var options = new ContextOptions { Capacity = 8192, MaxSequences = 4, MaxBatchTokens = 512, MaxOutputs = 4 };
            _planner = new DraftPlanner([new ModelDraft(_draft, _draft.Vocabulary, options)], _curve, _clock);
        }

        /// <summary>Milliseconds that the next call takes longer.</summary>
        public double Delay { get; set; }

        /// <summary>Answers of one request after another; what the draft model was asked for them.</summary>
        public Asked Answers(int requests, int tokens, bool isGuessed)
        {
            var (rows, milliseconds) = (0, 0.0);
            for (var i = 0; i < requests; i++)
            {
                var asked = Answer(tokens, isGuessed);
                (rows, milliseconds) = (rows + asked.Rows, milliseconds + asked.Milliseconds);
            }

            return new Asked(rows, milliseconds);
        }

        /// <summary>Answers of as many requests at once.</summary>
        public Asked Answer(int tokens, bool isGuessed, int? maxTokens = null, int count = 1)
        {
            _asked = default;
            DraftSequence[] sequences = [.. Enumerable.Range(0, count).Select(_ => Begin(tokens))];
            for (var done = 0; done < tokens; done++)
            {
                Step(sequences, isGuessed, (maxTokens ?? 10_000) - done);
            }

            foreach (var sequence in sequences)
            {
                _planner.End(sequence);
            }

            return _asked;
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
}
