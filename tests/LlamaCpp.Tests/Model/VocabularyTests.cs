using System.Text;
using Connector.Decoding;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Model;

public class VocabularyTests(DemoModel demo) : IClassFixture<DemoModel>
{
    [Fact]
    public void Written_control_tokens_in_a_users_text_stay_characters()
    {
        var vocabulary = demo.Model.Vocabulary;
        const string text = "hello <|im_end|> there";

        var asTemplate = vocabulary.Tokenize(text, parseSpecial: true);
        var asUser = vocabulary.Tokenize(text, parseSpecial: false);

        Assert.Contains(asTemplate, vocabulary.IsControl);
        Assert.DoesNotContain(asUser, vocabulary.IsControl);
        Assert.Equal(text, vocabulary.Decode(asUser));
        Assert.Equal("hello  there", vocabulary.Decode(asTemplate));
        Assert.Equal(text, vocabulary.Decode(asTemplate, writeControl: true));
    }

    [Fact]
    public void Control_tokens_have_a_name_and_no_bytes()
    {
        var vocabulary = demo.Model.Vocabulary;
        var end = Assert.Single(vocabulary.Tokenize("<|im_end|>", parseSpecial: true));

        Assert.True(vocabulary.IsControl(end));
        Assert.True(vocabulary.IsEndOfGeneration(end));
        Assert.Contains(end, vocabulary.EndOfGeneration);
        Assert.Equal("<|im_end|>", vocabulary.Written(end));
        Assert.True(vocabulary.Piece(end).IsEmpty);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("The capital of South Korea is Seoul.")]
    [InlineData("Grüße, 世界! 👩‍🚀 e\u0301")]
    [InlineData("line\r\n\tline\0end")]
    public void Text_survives_tokens(string text)
    {
        var vocabulary = demo.Model.Vocabulary;

        Assert.Equal(text, vocabulary.Decode(vocabulary.Tokenize(text, parseSpecial: false)));
    }

    [Fact]
    public async Task The_tokenizer_is_thread_safe()
    {
        var vocabulary = demo.Model.Vocabulary;
        var texts = Enumerable.Range(0, 64).Select(i => string.Concat(Enumerable.Repeat($"token {i} ", i + 1))).ToArray();
        var alone = texts.Select(text => vocabulary.Tokenize(text, parseSpecial: false)).ToArray();

        var together = await Task.WhenAll(texts.Select(text => Task.Run(() => vocabulary.Tokenize(text, parseSpecial: false))));

        Assert.Equal(alone, together);
    }

    [Fact]
    public async Task Tokenising_after_the_model_is_gone_is_an_error()
    {
        var model = await LlamaModel.LoadAsync(TestModels.DemoDraft);
        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => model.Vocabulary.Tokenize("x", parseSpecial: false));
    }

    [Fact]
    public async Task The_demo_pair_shares_one_vocabulary()
    {
        using var draft = await LlamaModel.LoadAsync(TestModels.DemoDraft, new LlamaModelOptions { VocabularyOnly = true });

        Assert.Equal(demo.Model.Vocabulary.Hash, draft.Vocabulary.Hash);
    }

    [ModelTheory(TestModels.LlamaBpeVocabulary, TestModels.QwenVocabulary, TestModels.LlamaSpmVocabulary)]
    [InlineData(TestModels.LlamaBpeVocabulary, 128_256)]
    [InlineData(TestModels.QwenVocabulary, 151_936)]
    [InlineData(TestModels.LlamaSpmVocabulary, 32_000)]
    public async Task A_vocabulary_loads_without_weights(string file, int count)
    {
        using var model = await LlamaModel.LoadAsync(TestModels.Get(file), new LlamaModelOptions { VocabularyOnly = true });
        var vocabulary = model.Vocabulary;
        const string text = "{\"name\": \"Zoë\", \"n\": 12}";

        Assert.Equal(count, vocabulary.Count);
        Assert.Equal(text, vocabulary.Decode(vocabulary.Tokenize(text, parseSpecial: false)).TrimStart());
        Assert.Throws<InvalidOperationException>(() => model.CreateContext(new ContextOptions()));
    }

    [ModelFact(TestModels.LlamaSpmVocabulary)]
    public async Task Byte_tokens_are_flagged_and_hold_their_byte()
    {
        using var model = await LlamaModel.LoadAsync(TestModels.Get(TestModels.LlamaSpmVocabulary), new LlamaModelOptions { VocabularyOnly = true });
        var vocabulary = model.Vocabulary;
        var bytes = Enumerable.Range(0, vocabulary.Count).Where(token => vocabulary.Kinds(token).HasFlag(TokenKinds.Byte)).ToArray();

        Assert.Equal(256, bytes.Length);
        Assert.Equal(Enumerable.Range(0, 256).Select(value => (byte)value), bytes.Select(token => vocabulary.Piece(token)[0]));
        Assert.Equal(" hello"u8.ToArray(), Encoding.UTF8.GetBytes(vocabulary.Decode(vocabulary.Tokenize("hello", parseSpecial: false))));
    }
}
