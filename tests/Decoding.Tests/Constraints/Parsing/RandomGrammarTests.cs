using System.Globalization;
using Connector.Decoding.Constraints;
using Connector.Decoding.Tests.Constraints.Support;

namespace Connector.Decoding.Tests.Constraints.Parsing;

/// <summary>Random grammars against <see cref="GrammarModel"/>, byte by byte and by random tokens.</summary>
public class RandomGrammarTests
{
    private const string Alphabet = "ab";

    private static readonly int s_grammars = int.TryParse(Environment.GetEnvironmentVariable("CONNECTOR_TEST_GRAMMARS"), CultureInfo.InvariantCulture, out var count) ? count : 150;

    [Fact]
    public void Accepts_exactly_the_texts_that_the_grammar_derives()
    {
        var texts = Texts(5).ToArray();
        var (compiled, accepted) = (0, 0);
        for (var seed = 0; seed < s_grammars; seed++)
        {
            var random = new Random(seed);
            var model = GrammarModel.Random(random, Alphabet);
            var vocabulary = Vocabularies.Random(random, Alphabet, 6);
            CompiledConstraint constraint;
            try
            {
                constraint = CompiledConstraint.Create(model.Build(), vocabulary);
            }
            catch (UnsatisfiableConstraintException)
            {
                Assert.All(texts, text => Assert.False(model.Matches(text), $"seed {seed}, {text}"));
                continue;
            }

            compiled++;
            foreach (var text in texts)
            {
                var (state, alive) = Read(constraint, [.. text.Select(static c => c + 3)]);
                var matches = model.Matches(text);
                accepted += matches ? 1 : 0;
                Assert.True(matches == (alive && constraint.IsComplete(state)), $"seed {seed}, text '{text}', expected {matches}, {model}");
            }

            CheckMasksAndFinish(constraint, model, random, seed);
        }

        Assert.True(compiled > s_grammars / 2);
        Assert.True(accepted > s_grammars);
    }

    // Along random walks: the mask is what TryAdvance accepts, is never empty, and completed texts are derived.
    private static void CheckMasksAndFinish(CompiledConstraint constraint, GrammarModel model, Random random, int seed)
    {
        for (var walk = 0; walk < 4; walk++)
        {
            var state = constraint.Start;
            var text = "";
            for (var step = 0; step < 8; step++)
            {
                var mask = constraint.Mask(state);
                Assert.True(mask.Count > 0, $"seed {seed}: empty mask after '{text}'");
                var allowed = new List<int>();
                for (var token = 0; token < constraint.Vocabulary.Count; token++)
                {
                    var copy = state;
                    var advanced = constraint.TryAdvance(ref copy, token);
                    Assert.True(advanced == mask.Contains(token), $"seed {seed}: token {token} after '{text}': {advanced}");
                    if (advanced && !constraint.Vocabulary.IsControl(token))
                    {
                        allowed.Add(token);
                    }
                }

                if (constraint.IsComplete(state) && text.Length <= 9)
                {
                    Assert.True(model.Matches(text), $"seed {seed}: '{text}'");
                }

                if (allowed.Count == 0)
                {
                    break;
                }

                var chosen = allowed[random.Next(allowed.Count)];
                text += constraint.Vocabulary.Decode([chosen]);
                Assert.True(constraint.TryAdvance(ref state, chosen));
            }
        }
    }

    private static (ConstraintState State, bool Alive) Read(CompiledConstraint constraint, int[] tokens)
    {
        var state = constraint.Start;
        var alive = tokens.All(token => constraint.TryAdvance(ref state, token));
        return (state, alive);
    }

    private static IEnumerable<string> Texts(int maxLength)
    {
        List<string> level = [""];
        for (var length = 0; length <= maxLength; length++)
        {
            foreach (var text in level)
            {
                yield return text;
            }

            level = [.. level.SelectMany(text => Alphabet.Select(c => text + c))];
        }
    }
}
