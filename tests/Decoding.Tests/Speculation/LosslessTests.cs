using System.Globalization;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Connector.Decoding.Speculation;
using Connector.Decoding.Tests.Engine;
using static Connector.Decoding.Tests.Engine.EngineHarness;

namespace Connector.Decoding.Tests.Speculation;

/// <summary>Whatever drafts, the tokens are those of plain decoding.</summary>
public sealed class LosslessTests
{
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("CONNECTOR_TEST_ROUNDS") ?? "60", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(MemoryCapabilities.All)]
    [InlineData(MemoryCapabilities.Rewind)]
    [InlineData(MemoryCapabilities.None)]
    public void Tokens_equal_those_of_plain_decoding(MemoryCapabilities memory)
    {
        var (accepted, forced) = (0, 0);
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var habit = random.Next(8);
            var requests = Enumerable.Range(0, random.Next(1, 6)).Select(_ => RandomRequest(random)).ToList();
            var expected = Run(Model(), new EngineOptions { MaxSequences = requests.Count }, requests);
            var options = new EngineOptions
            {
                MaxSequences = random.Next(1, requests.Count + 1),
                DraftLanes = random.Next(0, 9),
                MaxOutputs = random.Next(requests.Count, 40),
                Drafting = _ => new DraftPlanner(RandomSources(random, habit), Curves.Flat, new StoppedClock()),
            };
            var actual = Run(Model(), options, requests);

            for (var i = 0; i < requests.Count; i++)
            {
                Assert.True(expected[i].Text == actual[i].Text, $"seed {seed}, request {i}: {actual[i].Text} instead of {expected[i].Text}");
                Assert.Equal(expected[i].Generation.FinishReason, actual[i].Generation.FinishReason);
                var usage = actual[i].Generation.Usage;
                Assert.Equal(usage.Generated, usage.Accepted + usage.Forced + usage.Bonus);
                Assert.Equal(usage.Drafted, usage.Sources.Sum(s => s.Drafted));
                Assert.InRange(usage.Sources.Sum(s => s.Accepted), usage.Accepted, usage.Accepted + usage.Forced);
                (accepted, forced) = (accepted + usage.Accepted, forced + usage.Forced);
            }

            ScriptedModel Model() => new() { Memory = memory, Habit = habit };
        }

        // Otherwise nothing would have been shown.
        Assert.Equal(memory.HasFlag(MemoryCapabilities.Rewind), accepted > 5 * Rounds);
        Assert.True(forced > 0);
    }

    [Fact]
    public void Sampled_distributions_are_those_of_plain_decoding()
    {
        const int Samples = 1500;
        var plain = Histogram(Samples, firstSeed: 0, drafting: null);
        var drafted = Histogram(Samples, firstSeed: 100_000, _ => new DraftPlanner(
            [new SuffixDraft(SuffixScope.Finished, 4096), new TokenRecycling(ScriptedModel.VocabularySize)], Curves.Flat, new StoppedClock()));

        Assert.True(GTest.PValue(plain, drafted) > 0.001);
    }

    [Fact]
    public void The_test_of_distributions_notices_a_wrong_acceptance_rule()
    {
        // The wrong rule: draft the likeliest token, accept it with its probability, and otherwise sample as if there had been no draft.
        const int Samples = 1500;
        var plain = Histogram(Samples, firstSeed: 0, drafting: null);
        var wrong = new Dictionary<string, int>(StringComparer.Ordinal);
        var random = new Random(5);
        for (var i = 0; i < Samples; i++)
        {
            var text = "";
            while (text.Length < 2)
            {
                var token = WrongToken("bcd" + text, random);
                text += (char)('a' + token);
                if (token == 0)
                {
                    break;
                }
            }

            wrong[text] = wrong.GetValueOrDefault(text) + 1;
        }

        Assert.True(GTest.PValue(plain, wrong) < 0.001);
    }

    private static int WrongToken(string text, Random random)
    {
        using var context = new ScriptedModel { Habit = 1 }.CreateContext(new ContextOptions());
        var batch = new TokenBatch(16);
        for (var i = 0; i < text.Length; i++)
        {
            batch.Add(text[i] - 'a', i, 0, i == text.Length - 1);
        }

        context.Evaluate(batch);
        var logits = context.Logits(text.Length - 1);
        var weights = logits.ToArray().Select(l => Math.Exp(l)).ToArray();
        var likeliest = Array.IndexOf(weights, weights.Max());
        if (random.NextDouble() < weights[likeliest] / weights.Sum())
        {
            return likeliest;
        }

        var left = random.NextDouble() * weights.Sum();
        return Math.Max(0, Array.FindIndex(weights, w => (left -= w) < 0));
    }

    private static Dictionary<string, int> Histogram(int samples, int firstSeed, Func<IModelContext, IDraftPlanner>? drafting)
    {
        var model = new ScriptedModel { Habit = 1 };
        using var engine = Create(model, new EngineOptions { Drafting = drafting, MaxSequences = 1 }, new StoppedClock());
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < samples; i++)
        {
            // Long enough to draft; the first two tokens are looked at.
            var text = RunToEnd(engine, engine.Submit(Request("bcd", maxTokens: 4, seed: (ulong)(firstSeed + i))));
            text = text.Length < 2 ? text + "a" : text[..2];
            counts[text] = counts.GetValueOrDefault(text) + 1;
        }

        return counts;
    }

    private static List<(string Text, Generation Generation)> Run(ScriptedModel model, EngineOptions options, List<GenerationRequest> requests)
    {
        var log = new ErrorLog();
        using var engine = Create(model, options, new StoppedClock(), log);
        var generations = requests.Select(r => engine.Submit(r)).ToList();
        var texts = generations.Select(_ => new List<int>()).ToList();
        for (var i = 0; i < 10_000 && generations.Exists(g => !g.IsReadToEnd); i++)
        {
            engine.Step();
            for (var j = 0; j < generations.Count; j++)
            {
                texts[j].AddRange(ReadAvailable(generations[j]));
            }
        }

        Assert.True(log.Errors.Count == 0, string.Join("\n", log.Errors));
        Assert.All(generations, g => Assert.Null(g.Failure));
        AssertNothingLeaked(engine, model);
        return [.. texts.Zip(generations, (t, g) => (Letters(t), g))];
    }

    private static GenerationRequest RandomRequest(Random random) => new()
    {
        Prompt = Enumerable.Range(0, random.Next(1, 12)).Select(_ => 1 + random.Next(15)).ToArray(),
        MaxTokens = random.Next(1, 30),
        Constraint = random.Next(3) == 0 ? new ToyConstraint(random.Next()) : null,
        StopSequences = random.Next(3) == 0 ? [$"{(char)('b' + random.Next(15))}{(char)('b' + random.Next(15))}"] : [],
        Sampling = new SamplingOptions
        {
            Seed = (ulong)random.Next(),
            Temperature = random.Next(4) * 0.4f,
            TopK = random.Next(3) == 0 ? random.Next(1, 8) : 0,
            TopP = random.Next(3) == 0 ? 0.9f : 1,
            FrequencyPenalty = random.Next(3) == 0 ? 0.5f : 0,
            PresencePenalty = random.Next(3) == 0 ? 0.5f : 0,
            RepetitionPenalty = random.Next(3) == 0 ? 1.2f : 1,
            DryMultiplier = random.Next(3) == 0 ? 0.8f : 0,
        },
    };

    private static IDraftSource[] RandomSources(Random random, float habit)
    {
        IDraftSource[] all =
        [
            new GrammarDraft(),
            new SuffixDraft(SuffixScope.Request, 64 << random.Next(4)),
            new SuffixDraft(SuffixScope.Finished, 64 << random.Next(4)),
            new TokenRecycling(ScriptedModel.VocabularySize),
            new RandomGuesses(random.Next()),
        ];
        IDraftSource[] some = [.. all.Where(_ => random.Next(4) > 0)];
        if (random.Next(3) > 0)
        {
            return some;
        }

        // A draft model whose context is too small for some of what it is asked, now and then.
        var draft = new ScriptedModel { Habit = habit, Salt = (ulong)random.Next(2) };
        var options = new ContextOptions { Capacity = random.Next(20, 200), MaxSequences = random.Next(1, 9), MaxBatchTokens = random.Next(1, 20), MaxOutputs = random.Next(1, 9) };
        return [.. some, new ModelDraft(draft, draft.Vocabulary, options)];
    }
}
