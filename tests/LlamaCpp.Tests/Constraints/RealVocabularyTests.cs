using System.Text;
using System.Text.Json;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Constraints;

/// <summary>Constraints over the vocabularies of real models: byte-level BPE, and SentencePiece with byte tokens.</summary>
public class RealVocabularyTests
{
    private const string Schema = """
        {
          "type": "object",
          "properties": {
            "temperature_celsius": { "type": "number", "minimum": -50, "maximum": 60 },
            "description": { "type": "string", "maxLength": 12 },
            "conditions": { "type": "array", "items": { "enum": ["sunny", "partly cloudy", "heavy rain", "schneit ❄"] }, "maxItems": 3 },
            "station": { "type": "object", "properties": { "identifier": { "type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$" } }, "required": ["identifier"], "additionalProperties": false }
          },
          "required": ["temperature_celsius", "description", "conditions", "station"],
          "additionalProperties": false
        }
        """;

    private static readonly string[] s_texts =
    [
        """{"temperature_celsius":21.5,"description":"warm & dry","conditions":["sunny","partly cloudy"],"station":{"identifier":"DE104"}}""",
        """{"temperature_celsius": -3, "description": "Glätte 世界 👩", "conditions": ["schneit ❄"], "station": {"identifier": "AT001"}}""",
        """{"temperature_celsius":0,"description":"a\"b\\c\u00e4\n","conditions":[],"station":{"identifier":"CH999"}}""",
    ];

    [ModelFact(TestModels.LlamaSpmVocabulary)]
    public Task SentencePiece_with_byte_tokens() => CheckAsync(TestModels.LlamaSpmVocabulary);

    [ModelFact(TestModels.LlamaBpeVocabulary)]
    public Task Llama_3() => CheckAsync(TestModels.LlamaBpeVocabulary);

    [ModelFact(TestModels.QwenVocabulary)]
    public Task Qwen_2() => CheckAsync(TestModels.QwenVocabulary);

    [ModelFact(TestModels.SmolLm2)]
    public Task SmolLm2() => CheckAsync(TestModels.SmolLm2);

    [Fact]
    public async Task Demo() => await CheckAsync(TestModels.Demo);

    private static async Task CheckAsync(string name)
    {
        using var model = await LlamaModel.LoadAsync(TestModels.Find(name) ?? name, new LlamaModelOptions { VocabularyOnly = true });
        var vocabulary = model.Vocabulary;
        using var schema = JsonDocument.Parse(Schema);
        var constraint = ConstraintCompiler.Compile(schema.RootElement, vocabulary);
        var random = new Random(7);
        var (forced, canonical) = (0, 0);
        foreach (var text in s_texts)
        {
            var tokens = Cut(vocabulary, text);
            var state = constraint.Start;
            for (var i = 0; i < tokens.Length; i++)
            {
                CheckMask(constraint, state, random);
                var run = new int[16];
                var length = constraint.ForcedTokens(state, run);
                forced += length > 0 ? 1 : 0;
                canonical += length > 0 && tokens.AsSpan(i).StartsWith(run.AsSpan(0, length)) ? 1 : 0;
                Assert.True(constraint.TryAdvance(ref state, tokens[i]), $"{text}: token {i}, '{vocabulary.Written(tokens[i])}'");
            }

            Assert.True(constraint.IsComplete(state));
            CheckMask(constraint, state, random);
            CheckBytes(constraint, text);
        }

        // The second text has a space where a compact one has none, so its forced runs start in another place.
        Assert.True(forced >= 10, $"{forced} forced runs");
        Assert.True(canonical >= forced * 0.9, $"{canonical} of {forced} forced runs are as the tokenizer cuts them");
        for (var walk = 0; walk < 10; walk++)
        {
            CheckWalk(constraint, random);
        }
    }

    // The tokens of a text in the midst of others, where no tokenizer puts a space before it.
    private static int[] Cut(Vocabulary vocabulary, string text)
    {
        var tokens = vocabulary.Tokenize("\n" + text, parseSpecial: false);
        for (var skipped = 1; skipped < tokens.Length; skipped++)
        {
            if (vocabulary.Decode(tokens.AsSpan(skipped)) == text)
            {
                return tokens[skipped..];
            }
        }

        throw new InvalidOperationException("The tokenizer merges the text with the line break.");
    }

    private static void CheckMask(CompiledConstraint constraint, ConstraintState state, Random random)
    {
        var mask = constraint.Mask(state);
        Assert.True(mask.Count > 0);
        var start = random.Next(61);
        for (var token = start; token < constraint.Vocabulary.Count; token += 61)
        {
            CheckToken(constraint, state, mask, token);
        }

        foreach (var token in mask.Tokens)
        {
            CheckToken(constraint, state, mask, token);
        }

        foreach (var token in constraint.Vocabulary.EndOfGeneration)
        {
            Assert.Equal(constraint.IsComplete(state), mask.Contains(token));
        }
    }

    private static void CheckToken(CompiledConstraint constraint, ConstraintState state, TokenMask mask, int token) =>
        Assert.True(constraint.TryAdvance(ref state, token) == mask.Contains(token), $"token {token} '{constraint.Vocabulary.Written(token)}'");

    // The same text byte by byte, where the vocabulary has a token for each.
    private static void CheckBytes(CompiledConstraint constraint, string text)
    {
        var vocabulary = constraint.Vocabulary;
        var bytes = Enumerable.Range(0, vocabulary.Count)
            .Where(t => vocabulary.Piece(t).Length == 1 && !vocabulary.IsControl(t) && !vocabulary.Kinds(t).HasFlag(TokenKinds.Unused))
            .GroupBy(t => vocabulary.Piece(t)[0])
            .ToDictionary(static g => g.Key, static g => g.Last());
        var state = constraint.Start;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            Assert.True(bytes.TryGetValue(value, out var token), $"no token for byte {value}");
            Assert.True(constraint.Mask(state).Contains(token));
            Assert.True(constraint.TryAdvance(ref state, token));
        }

        Assert.True(constraint.IsComplete(state));
    }

    private static void CheckWalk(CompiledConstraint constraint, Random random)
    {
        var state = constraint.Start;
        var tokens = new List<int>();
        while (!constraint.IsComplete(state))
        {
            var mask = constraint.Mask(state);
            int[] allowed = mask.IsSparse ? mask.Tokens.ToArray() : [.. Enumerable.Range(0, constraint.Vocabulary.Count).Where(mask.Contains)];
            tokens.Add(allowed[random.Next(allowed.Length)]);
            Assert.True(constraint.TryAdvance(ref state, tokens[^1]));
            Assert.True(tokens.Count < 2_000);
        }

        using var document = JsonDocument.Parse(constraint.Vocabulary.Decode([.. tokens]));
        var root = document.RootElement;
        Assert.InRange(root.GetProperty("temperature_celsius").GetDouble(), -50, 60);
        Assert.InRange(root.GetProperty("description").GetString()!.EnumerateRunes().Count(), 0, 12);
        Assert.InRange(root.GetProperty("conditions").GetArrayLength(), 0, 3);
        Assert.Matches("^[A-Z]{2}[0-9]{3}$", root.GetProperty("station").GetProperty("identifier").GetString());
    }
}
