using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Connector.Tests.Support;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Requests;

public class GenerationSettingsTests
{
    private static readonly GenerationSettings s_full = new()
    {
        Temperature = 0.1f,
        TopK = 2,
        TopP = 0.3f,
        MinP = 0.4f,
        TypicalP = 0.5f,
        FrequencyPenalty = 0.6f,
        PresencePenalty = 0.7f,
        RepetitionPenalty = 0.8f,
        RepetitionWindow = 9,
        DryMultiplier = 1,
        DryBase = 1.1f,
        DryAllowedLength = 12,
        LogitBias = System.Collections.Immutable.ImmutableDictionary<int, float>.Empty.Add(1, 2),
        Seed = 13,
        MaxOutputTokens = 14,
        StopSequences = ["x"],
        Overflow = Decoding.Engine.ContextOverflow.StreamingWindow,
        Pace = 15,
        Completions = 16,
        ReasoningBudget = 17,
        Grammar = "root ::= \"x\"",
        TemplateVariables = new Dictionary<string, JsonElement>(StringComparer.Ordinal),
    };

    private static IEnumerable<PropertyInfo> Parts => typeof(GenerationSettings).GetProperties(BindingFlags.Instance | BindingFlags.Public);

    [Fact]
    public void Every_part_falls_back_where_it_is_null_and_only_there()
    {
        Assert.All(Parts, p => Assert.NotNull(p.GetValue(s_full)));
        Assert.Equal(s_full, new GenerationSettings().Or(s_full));
        Assert.Equal(s_full, s_full.Or(new GenerationSettings { Temperature = 9, StopSequences = ["y"], Seed = 99 }));
    }

    [Fact]
    public void Every_sampling_part_reaches_the_sampler()
    {
        var sampling = s_full.ToSampling(freshSeed: 5);
        foreach (var part in typeof(Decoding.Sampling.SamplingOptions).GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            var expected = typeof(GenerationSettings).GetProperty(part.Name)!.GetValue(s_full);
            Assert.Equal(expected is long seed ? (ulong)seed : expected, part.GetValue(sampling));
        }

        Assert.Equal(new Decoding.Sampling.SamplingOptions { Seed = 5 }, new GenerationSettings().ToSampling(freshSeed: 5));
    }

    [Fact]
    public void Options_override_a_default_only_where_they_are_set()
    {
        using var client = ScriptedChatClient.Of();
        var settings = ChatOptionsReader.Settings(new ChatOptions { Temperature = 0 }, client).Or(s_full);
        Assert.Equal(s_full with { Temperature = 0 }, settings);
        Assert.Equal(s_full, ChatOptionsReader.Settings(null, client).Or(s_full));
    }

    [Fact]
    public void Layers_win_in_their_order()
    {
        using var client = ScriptedChatClient.Of();
        var options = new ChatOptions
        {
            RawRepresentationFactory = c => c == client ? new GenerationSettings { TopK = 1 } : null,
            TopK = 2,
            TopP = 0.2f,
            AdditionalProperties = new() { ["top_k"] = 3, ["top_p"] = 0.3, ["min_p"] = 0.3 },
        };
        Assert.Equal(new GenerationSettings { TopK = 1, TopP = 0.2f, MinP = 0.3f }, ChatOptionsReader.Settings(options, client));
    }

    [Fact]
    public void A_factory_of_another_program_is_not_ours_to_read()
    {
        using var client = ScriptedChatClient.Of();
        var options = new ChatOptions { RawRepresentationFactory = _ => "theirs", TopK = 2 };
        Assert.Equal(2, ChatOptionsReader.Settings(options, client).TopK);
    }

    [Theory]
    [InlineData("""{"top_k": 40.0, "repeat_penalty": 1.5, "seed": 7.0, "stop": ["a", "b"], "logit_bias": {"5": -1.5, "6": false}}""")]
    [InlineData("""{"top_k": 40, "repeat_penalty": 1.5, "seed": 7, "stop": ["a", "b"], "logit_bias": [[5, -1.5], [6, false]]}""")]
    public void Additional_properties_are_read_by_their_llama_cpp_names(string json)
    {
        using var document = JsonDocument.Parse(json);
        var elements = new AdditionalPropertiesDictionary(document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value, StringComparer.Ordinal));
        var nodes = new AdditionalPropertiesDictionary(JsonNode.Parse(json)!.AsObject().ToDictionary(p => p.Key, p => (object?)p.Value, StringComparer.Ordinal));
        foreach (var properties in (AdditionalPropertiesDictionary[])[elements, nodes])
        {
            var settings = LlamaCppNames.Read(properties);
            Assert.Equal(40, settings.TopK);
            Assert.Equal(1.5f, settings.RepetitionPenalty);
            Assert.Equal(7, settings.Seed);
            Assert.Equal(["a", "b"], settings.StopSequences!);
            Assert.Equal(-1.5f, settings.LogitBias![5]);
            Assert.Equal(float.NegativeInfinity, settings.LogitBias![6]);
        }
    }

    [Fact]
    public void Template_variables_are_any_json()
    {
        using var document = JsonDocument.Parse("""{"enable_thinking": false, "words": ["a"]}""");
        foreach (object value in new object[]
        {
            document.RootElement,
            JsonNode.Parse(document.RootElement.GetRawText())!,
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["enable_thinking"] = false, ["words"] = new[] { "a" } },
        })
        {
            var variables = LlamaCppNames.Read(new() { ["chat_template_kwargs"] = value }).TemplateVariables!;
            Assert.Equal(JsonValueKind.False, variables["enable_thinking"].ValueKind);
            Assert.Equal("a", variables["words"][0].GetString());
        }
    }

    [Fact]
    public void Clr_numbers_of_any_type_will_do()
    {
        var settings = LlamaCppNames.Read(new() { ["top_k"] = 40.0, ["min_p"] = 0.25m, ["max_tokens"] = 5L, ["seed"] = -1, ["stop"] = "x", ["unknown"] = new object(), ["top_p"] = null });
        Assert.Equal(new GenerationSettings { TopK = 40, MinP = 0.25f, MaxOutputTokens = 5, Seed = -1, StopSequences = settings.StopSequences }, settings);
        Assert.Equal(["x"], settings.StopSequences!);
    }

    [Theory]
    [InlineData("top_k", 1.5)]
    [InlineData("top_k", "many")]
    [InlineData("min_p", true)]
    [InlineData("stop", 3)]
    [InlineData("logit_bias", 3)]
    public void A_wrong_type_is_an_error_that_names_the_property(string name, object value) =>
        Assert.Contains($"'{name}'", Assert.Throws<ArgumentException>(() => LlamaCppNames.Read(new() { [name] = value })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("mirostat", 2)]
    [InlineData("cache_prompt", false)]
    public void What_llama_cpp_has_and_we_lack_is_named(string name, object value) =>
        Assert.Contains(name, Assert.Throws<NotSupportedException>(() => LlamaCppNames.Read(new() { [name] = value })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(0.5f)]
    [InlineData(2.0)]
    [InlineData(3L)]
    public void Json_nodes_made_of_clr_numbers_will_do(object number)
    {
        var node = number switch { int i => JsonValue.Create(i), float f => JsonValue.Create(f), long l => JsonValue.Create(l), _ => JsonValue.Create((double)number) };
        Assert.Equal(Convert.ToSingle(number, System.Globalization.CultureInfo.InvariantCulture), LlamaCppNames.Read(new() { ["temperature"] = node }).Temperature);
    }

    [Fact]
    public void Minus_one_lifts_what_a_layer_below_has_set()
    {
        var defaults = new GenerationSettings { Seed = 42, MaxOutputTokens = 256, ReasoningBudget = 10, Grammar = "root ::= \"x\"" };
        var settings = LlamaCppNames.Read(new() { ["seed"] = -1, ["n_predict"] = -1, ["reasoning_budget"] = -1, ["grammar"] = "" }).Or(defaults);
        ThrowIfFaulty(settings);
        Assert.Equal(5ul, settings.ToSampling(freshSeed: 5).Seed);
        Assert.Equal((GenerationSettings.Unlimited, GenerationSettings.Unlimited, ""), (settings.MaxOutputTokens, settings.ReasoningBudget, settings.Grammar));
    }

    [Fact]
    public void All_faults_come_in_one_message()
    {
        var error = Assert.Throws<ArgumentException>(() => ThrowIfFaulty(new GenerationSettings { Temperature = -1, TopP = 0, MaxOutputTokens = 0, StopSequences = [""] }));
        Assert.All(["Temperature", "TopP", "MaxOutputTokens", "StopSequences"], name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
        ThrowIfFaulty(s_full);
        ThrowIfFaulty(GenerationSettings.BuiltIn);
        Assert.NotEmpty(new GenerationSettings { Temperature = float.NaN }.Faults());
    }

    private static void ThrowIfFaulty(GenerationSettings settings) => GenerationSettings.ThrowIfFaulty(settings, vocabularySize: 100);
}
