using System.Text.Json;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Connector.Decoding.Speculation;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Speculation;

/// <summary>
/// On real models in exact mode, drafts change no token. A sample by default; CONNECTOR_TEST_SPECULATION=all takes all prompts
/// and 160 tokens each.
/// </summary>
public sealed class ExactSpeculationTests : IClassFixture<DemoModel>, IAsyncLifetime
{
    private static readonly bool s_all = Environment.GetEnvironmentVariable("CONNECTOR_TEST_SPECULATION") == "all";
    private readonly LlamaModel _demo;
    private readonly string _folder = Directory.CreateTempSubdirectory("connector-speculation-").FullName;

    public ExactSpeculationTests(DemoModel demo) => _demo = demo.Model;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.8f)]
    public async Task The_demo_model_says_the_same_with_drafts(float temperature) =>
        Assert.NotEmpty(await CompareAsync(_demo, Connector.Speculation.Auto, DemoRequests(temperature)));

    [Theory]
    [InlineData(0f)]
    [InlineData(0.8f)]
    public async Task The_demo_pair_says_the_same_as_the_target_alone(float temperature)
    {
        using var draft = await LlamaModel.LoadAsync(TestModels.DemoDraft);
        Assert.Contains("model", await CompareAsync(_demo, Connector.Speculation.Draft(draft), DemoRequests(temperature), new FreeDrafts()));
    }

    [ModelTheory(TestModels.SmolLm2)]
    [InlineData(GgufQuantization.Q40, 0f)]
    [InlineData(GgufQuantization.Q40, 0.8f)]
    [InlineData(GgufQuantization.Q80, 0f)]
    [InlineData(GgufQuantization.Q80, 0.8f)]
    public async Task SmolLM2_says_the_same_with_drafts(GgufQuantization quantization, float temperature)
    {
        var path = Path.Combine(_folder, "model.gguf");
        await GgufFile.QuantizeAsync(TestModels.Get(TestModels.SmolLm2), path, quantization);
        using var model = await LlamaModel.LoadAsync(path);
        var prompts = SpecBench();
        Assert.NotEmpty(prompts);
        var requests = prompts.Select(p => Request(model, p, temperature, s_all ? 160 : 24)).ToList();
        await CompareAsync(model, Connector.Speculation.Auto, requests);
    }

    private static List<string> SpecBench()
    {
        if (TestModels.FindData("spec-bench/questions-dev.jsonl") is not { } path)
        {
            return ["Write a haiku about rain and write it again.", "Count from one to twenty.", "Repeat after me: the cat sat on the mat, the cat sat on the mat."];
        }

        var prompts = File.ReadLines(path).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("turns")[0].GetString()!).ToList();
        return s_all ? prompts : [.. prompts.Where(p => p.Length < 600).Where((_, i) => i % 30 == 7)];
    }

    private List<GenerationRequest> DemoRequests(float temperature)
    {
        string[] prompts = ["What is the capital of South Korea?", "Show me what you can do.", "Remember the code KWA-9524.", "Say it again: red, green, blue, red, green, blue, red."];
        using var schema = JsonDocument.Parse("""{"type":"object","properties":{"city":{"type":"string","maxLength":20},"country":{"type":"string","maxLength":20}},"required":["city","country"],"additionalProperties":false}""");
        var constraint = ConstraintCompiler.Compile(schema.RootElement, _demo.Vocabulary);
        return
        [
            .. prompts.Select(p => Request(_demo, p, temperature, 60)),
            .. SpecBench().Select(p => Request(_demo, p, temperature, s_all ? 160 : 24)).Select(r => r with { Prompt = r.Prompt[^Math.Min(r.Prompt.Length, 800)..] }),
            Request(_demo, "Where is Seoul? Answer in JSON.", temperature, 60) with { Constraint = constraint },
            Request(_demo, "Write on and on.", temperature, 800) with { Sampling = new SamplingOptions { Temperature = temperature, LogitBias = NoEnd(_demo) } },
        ];
    }

    // Long contexts are where kernels begin to differ between batch shapes: nothing may end them early.
    private static System.Collections.Immutable.ImmutableDictionary<int, float> NoEnd(LlamaModel model) =>
        System.Collections.Immutable.ImmutableDictionary.CreateRange(model.Vocabulary.EndOfGeneration.Select(t => KeyValuePair.Create(t, float.NegativeInfinity)));

    private static GenerationRequest Request(LlamaModel model, string prompt, float temperature, int tokens) => new()
    {
        Prompt = model.Vocabulary.Tokenize($"<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n", parseSpecial: true),
        MaxTokens = tokens,
        Sampling = new SamplingOptions { Temperature = temperature, Seed = 3 },
    };

    private static int ContextLength(LlamaModel model) => Math.Min(4096, model.TrainedContextLength);

    /// <summary>Runs all requests one after another in both ways; the sources whose drafts were accepted.</summary>
    private static async Task<HashSet<string>> CompareAsync(
        LlamaModel model, Connector.Speculation speculation, List<GenerationRequest> requests, FreeDrafts? clock = null)
    {
        var options = new EngineOptions
        {
            ExactMode = true,
            MaxSequences = 1,
            ContextCapacity = ContextLength(model),
            ConfigureContext = o => new LlamaContextOptions(o) { Threads = 1 },
        };
        await using var plain = new DecodingEngine(model, options);
        var setup = new SpeculationSetup { Clock = clock ?? TimeProvider.System };
        await using var drafting = new DecodingEngine(model, options with { Drafting = Measured(speculation.Drafting(model, setup)!, clock) });
        var sources = new HashSet<string>(StringComparer.Ordinal);
        foreach (var request in requests)
        {
            var expected = await ReadAsync(plain.Submit(request));
            var generation = drafting.Submit(request);
            Assert.Equal(expected, await ReadAsync(generation));
            sources.UnionWith(generation.Usage.Sources.Where(s => s.Accepted > 0).Select(s => s.Source));
        }

        return sources;
    }

    private static Func<IModelContext, IDraftPlanner> Measured(Func<IModelContext, IDraftPlanner> drafting, FreeDrafts? clock) => context =>
    {
        var planner = drafting(context);
        clock?.Stop();
        return planner;
    };

    private static async Task<List<int>> ReadAsync(Generation generation)
    {
        var tokens = new List<int>();
        await foreach (var token in generation)
        {
            tokens.Add(token.Token);
        }

        return tokens;
    }

    /// <summary>
    /// A clock that stands still once the device has been measured, so that all that the planner does seems to take no time: a draft model is asked
    /// however slow it is.
    /// </summary>
    private sealed class FreeDrafts : TimeProvider
    {
        private bool _stands;

        public void Stop() => _stands = true;

        public override long GetTimestamp() => _stands ? 0 : base.GetTimestamp();
    }
}
