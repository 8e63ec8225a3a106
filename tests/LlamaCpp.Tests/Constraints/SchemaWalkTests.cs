using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Connector.Decoding.Speculation;
using Connector.TestSupport;
using Connector.TestSupport.JsonSchema;
using Xunit.Abstractions;

namespace Connector.LlamaCpp.Tests.Constraints;

/// <summary>
/// What a model writes at temperature 1.5 under a schema of MaskBench parses and validates. CONNECTOR_TEST_SCHEMA_WALKS says how many
/// walks; the default is a sample.
/// </summary>
public sealed class SchemaWalkTests(ITestOutputHelper output)
{
    private static readonly int Walks = int.Parse(Environment.GetEnvironmentVariable("CONNECTOR_TEST_SCHEMA_WALKS") ?? "12", CultureInfo.InvariantCulture);

    [DataFact(MaskBenchData.File)]
    public Task Demo() => WalkAsync(TestModels.Demo);

    [DataFact(MaskBenchData.File, TestModels.SmolLm2)]
    public Task SmolLm2() => WalkAsync(TestModels.Get(TestModels.SmolLm2));

    private async Task WalkAsync(string path)
    {
        using var model = await LlamaModel.LoadAsync(path);
        await using var engine = new DecodingEngine(model, new EngineOptions
        {
            ContextCapacity = 16384, MaxSequences = 16, MaxQueued = Walks,
            ConfigureContext = context => new LlamaContextOptions(context) { Threads = 1 },
        });
        var prompt = model.Vocabulary.Tokenize("<|im_start|>user\nWrite JSON.<|im_end|>\n<|im_start|>assistant\n", parseSpecial: true);
        var closing = Closing(model.Vocabulary);
        var walks = Schemas(model.Vocabulary).Take(Walks).Select(async (item, i) =>
        {
            var request = new GenerationRequest
            {
                Prompt = prompt, MaxTokens = 600, Constraint = item.Constraint,
                Sampling = new SamplingOptions { Temperature = 1.5f, Seed = (ulong)i, LogitBias = closing },
            };
            var generation = engine.Submit(request);
            var tokens = new List<int>();
            await foreach (var token in generation)
            {
                tokens.Add(token.Token);
            }

            if (generation.FinishReason != FinishReason.EndOfGeneration)
            {
                return (Finished: false, tokens.Count);
            }

            var text = model.Vocabulary.Decode(tokens.ToArray());
            using var instance = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 1000 });
            Assert.True(new SimpleValidator(JsonNode.Parse(item.Schema.GetRawText())).IsValid(instance.RootElement), $"{text} for {item.Schema.GetRawText()}");
            return (Finished: true, tokens.Count);
        }).ToList();
        var ends = await Task.WhenAll(walks);
        output.WriteLine($"{ends.Length} walks of {ends.Sum(e => e.Count)} tokens, {ends.Count(e => e.Finished)} to their end.");
        Assert.Equal(Walks, ends.Length);
        Assert.True(ends.Count(e => e.Finished) >= 0.95 * Walks, $"only {ends.Count(e => e.Finished)} of {Walks} ended");
    }

    // A model this hot rambles: in every third walk, a string or an array without bounds would not end within reason.
    private static ImmutableDictionary<int, float> Closing(Vocabulary vocabulary) => Enumerable.Range(0, vocabulary.Count)
        .Where(token => vocabulary.Decode([token]) is { Length: > 0 } text && text.All(c => c is '"' or '}' or ']'))
        .ToImmutableDictionary(token => token, _ => 5f);

    // Those that the engine enforces wholly.
    private static IEnumerable<(JsonElement Schema, CompiledConstraint Constraint)> Schemas(Vocabulary vocabulary)
    {
        foreach (var (schema, _) in MaskBenchData.Items(13))
        {
            CompiledConstraint constraint;
            try
            {
                constraint = ConstraintCompiler.Compile(schema, vocabulary);
            }
            catch (Exception e) when (e is UnsupportedSchemaException or ConstraintTooComplexException or UnsatisfiableConstraintException)
            {
                continue;
            }

            if (constraint.Unenforced.IsEmpty)
            {
                yield return (schema, constraint);
            }
        }
    }
}
