using System.Globalization;
using System.Text.Json;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.LlamaCpp;
using Connector.TestSupport;
using Connector.Tests.Templates;
using Connector.Tools;
using Connector.Tools.Constraints;
using Connector.Tools.Formats;
using Connector.Tools.Parsing;
using Microsoft.Extensions.AI;
using Xunit.Abstractions;

namespace Connector.Tests.Tools;

/// <summary>A model that knows nothing: any token the mask allows. What it writes under a constraint is still a call that fits.</summary>
public class RandomAnswerTests(ITestOutputHelper log)
{
    private const int MaxTokens = 600;

    /// <summary>The sample tools without parameters beyond the declared ones: of a choice among all JSON no random walk comes back.</summary>
    private static readonly ToolSignature[] s_closed =
    [
        .. SampleTools.All.Select(t => t with
        {
            Schema = JsonDocument.Parse(t.Schema.GetRawText().Replace("\"type\": \"object\"", "\"type\": \"object\", \"additionalProperties\": false", StringComparison.Ordinal)).RootElement,
        }),
    ];

    public static TheoryData<string> Names => [.. ToolFormats.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Random_tokens_make_calls_that_fit(string name)
    {
        var vocabulary = ToyVocabulary.Create(addsBegin: false, "<|im_end|>", "<|channel|>", "<|message|>", "<|constrain|>");
        Assert.True(Generate(ToolFormats.Get(name), vocabulary, answers: 8) > 0);
    }

    [ModelFact(TestModels.QwenVocabulary)]
    public async Task Random_tokens_of_a_real_vocabulary_make_calls_that_fit()
    {
        using var model = await LlamaModel.LoadAsync(TestModels.Get(TestModels.QwenVocabulary), new LlamaModelOptions { VocabularyOnly = true });
        Assert.True(Generate(ToolFormats.Hermes, model.Vocabulary, answers: 4) > 0);
    }

    private int Generate(ToolFormat format, Vocabulary vocabulary, int answers)
    {
        var constraint = AnswerGrammar.Compile(new AnswerRules { Format = format, Tools = s_closed, Mode = ChatToolMode.RequireAny }, vocabulary);
        var random = new Random(5);
        var finished = 0;
        var tokens = 0;
        var time = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < answers; i++)
        {
            var answer = Answer(constraint, vocabulary, random);
            tokens += answer?.Length ?? MaxTokens;
            if (answer is null)
            {
                continue;
            }

            finished++;
            var text = vocabulary.Decode(answer, writeControl: true);
            IOutputSplitter splitter = format is HarmonyFormat
                ? new HarmonySplitter(new CallContents(new CallIds(CallIdStyle.Usual, [], new Random(1))))
                : SampleTools.Splitter(format);
            var contents = SampleTools.Split(splitter, [text]);
            Assert.True(contents.Count > 0 && contents.All(c => c is FunctionCallContent), text);
            Assert.All(contents.Cast<FunctionCallContent>(), call => Assert.True(Fits(call), $"{call.Name} {call.Exception?.Message} in {text}"));
        }

        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{format.Name}: {finished} of {answers} ended, {tokens} tokens, {time.Elapsed.TotalMilliseconds / tokens:0.000} ms each"));
        return finished;
    }

    /// <summary>Random tokens until the answer may end; of many possible tokens those that end a string are preferred.</summary>
    private static int[]? Answer(CompiledConstraint constraint, Vocabulary vocabulary, Random random)
    {
        var state = constraint.Start;
        var answer = new List<int>();
        while (answer.Count < MaxTokens)
        {
            if (constraint.IsComplete(state))
            {
                return [.. answer];
            }

            var mask = constraint.Mask(state);
            var allowed = mask.IsSparse ? mask.Tokens.ToArray() : Enumerable.Range(0, vocabulary.Count).Where(mask.Contains).ToArray();
            var closing = random.Next(3) == 0 ? allowed.Where(t => vocabulary.Written(t) is "\"" or "}" or "]" or "<" or "\n" or "/").ToArray() : [];
            var from = closing.Length > 0 ? closing : allowed;
            var token = from[random.Next(from.Length)];
            Assert.True(constraint.TryAdvance(ref state, token));
            answer.Add(token);
        }

        return null;
    }

    private static bool Fits(FunctionCallContent call)
    {
        if (call.Exception is not null || !SampleTools.ByName.TryGetValue(call.Name, out var tool))
        {
            return false;
        }

        var required = tool.Schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(n => n.GetString()!) : [];
        return required.All(call.Arguments!.ContainsKey) && call.Arguments.All(a =>
            tool.Parameter(a.Key) is not { } schema
            || ParameterTypes.Of(schema).Allows(a.Value is JsonElement value ? value.ValueKind : JsonValueKind.Null));
    }
}
