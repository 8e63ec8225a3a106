using System.Numerics.Tensors;
using System.Text.Json;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Embedding;

/// <summary>Against ids and vectors that the original all-MiniLM-L6-v2 gave.</summary>
public class LlamaEmbedderTests
{
    private sealed record Expected(string Text, int[] Ids, float[] Vector);

    [ModelFact(TestModels.MiniLm)]
    public async Task Ids_and_vectors_are_the_original_models()
    {
        var rows = ReadExpected();
        using var model = await LlamaModel.LoadAsync(TestModels.Get(TestModels.MiniLm));
        using var embedder = new LlamaEmbedder(model, new LlamaEmbedderOptions { Threads = 1, MaxBatchTokens = 512 });

        var embeddings = embedder.Embed([.. rows.Select(row => row.Text)]);

        Assert.NotEmpty(rows);
        for (var i = 0; i < rows.Count; i++)
        {
            Assert.Equal(rows[i].Ids, embedder.Tokenize(rows[i].Text));
            Assert.Equal(rows[i].Ids.Length, embeddings[i].TokenCount);
            Assert.InRange(TensorPrimitives.CosineSimilarity(rows[i].Vector, embeddings[i].Vector), 0.998f, 1.001f);
            Assert.Equal(1, TensorPrimitives.Norm<float>(embeddings[i].Vector), 1e-4f);
        }
    }

    [ModelFact(TestModels.MiniLm)]
    public async Task A_text_gives_the_same_vector_alone_and_among_others()
    {
        var texts = ReadExpected().Select(row => row.Text).Take(7).ToArray();
        using var model = await LlamaModel.LoadAsync(TestModels.Get(TestModels.MiniLm));
        using var small = new LlamaEmbedder(model, new LlamaEmbedderOptions { Threads = 1, MaxTexts = 3, MaxTextTokens = 128, MaxBatchTokens = 128 });

        var together = small.Embed(texts);

        for (var i = 0; i < texts.Length; i++)
        {
            Assert.InRange(TensorPrimitives.CosineSimilarity(small.Embed([texts[i]])[0].Vector, together[i].Vector), 0.999f, 1.001f);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(513)]
    public async Task A_number_of_threads_that_cannot_be_is_refused(int threads)
    {
        using var model = await LlamaModel.LoadAsync(TestModels.DemoDraft);
        var options = new LlamaEmbedderOptions { Pooling = Pooling.Mean, Threads = threads };

        Assert.Contains($"Threads is {threads}", Assert.Throws<ArgumentException>(() => new LlamaEmbedder(model, options)).Message, StringComparison.Ordinal);
    }

    [ModelFact(TestModels.MiniLm)]
    public async Task A_text_too_long_is_refused_or_cut()
    {
        using var model = await LlamaModel.LoadAsync(TestModels.Get(TestModels.MiniLm));
        using var embedder = new LlamaEmbedder(model, new LlamaEmbedderOptions { Threads = 1, MaxTexts = 2, MaxBatchTokens = 8, MaxTextTokens = 8 });
        const string text = "one two three four five six seven eight nine";

        Assert.Contains("Text 1", Assert.Throws<ArgumentException>(() => embedder.Embed(["short", text])).Message, StringComparison.Ordinal);
        var cut = Assert.Single(embedder.Embed([text], truncate: true));
        Assert.Equal(8, cut.TokenCount);
        Assert.Equal(embedder.Embed(["one two three four five six"])[0].Vector, cut.Vector);
    }

    [ModelFact(TestModels.MiniLm)]
    public async Task An_embedding_model_makes_no_context_and_says_what_does()
    {
        using var model = await LlamaModel.LoadAsync(TestModels.Get(TestModels.MiniLm));

        var error = Assert.Throws<UnsupportedModelException>(() => model.CreateContext(new LlamaContextOptions()));

        Assert.Contains(nameof(LlamaEmbedder), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_model_embeds_only_with_a_pooling_named()
    {
        using var model = await LlamaModel.LoadAsync(TestModels.Demo);

        Assert.Throws<UnsupportedModelException>(() => new LlamaEmbedder(model));
        using var embedder = new LlamaEmbedder(model, new LlamaEmbedderOptions { Threads = 1, Pooling = Pooling.Mean });
        var embeddings = embedder.Embed(["What is the capital of Ghana?", "What is the capital of Ghana?", "Remember the code KWA-9524."]);

        Assert.Equal(model.EmbeddingWidth, embeddings[0].Vector.Length);
        Assert.Equal(1, TensorPrimitives.CosineSimilarity(embeddings[0].Vector, embeddings[1].Vector), 1e-4f);
        Assert.InRange(TensorPrimitives.CosineSimilarity(embeddings[0].Vector, embeddings[2].Vector), -1, 0.99f);
    }

    private static List<Expected> ReadExpected() =>
    [
        .. File.ReadLines(TestModels.InRepository("tests/LlamaCpp.Tests/Embedding/expected.jsonl"))
            .Select(line => JsonSerializer.Deserialize<Expected>(line, JsonSerializerOptions.Web)!),
    ];
}
