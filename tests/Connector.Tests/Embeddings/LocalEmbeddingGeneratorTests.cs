using System.Numerics.Tensors;
using System.Text.Json;
using Connector.LlamaCpp;
using Connector.TestSupport;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Embeddings;

public class LocalEmbeddingGeneratorTests
{
    /// <summary>What the original model says of some texts.</summary>
    private const string Original = "embeddings/expected.jsonl";

    private static Task<LocalEmbeddingGenerator> LoadAsync(LocalEmbeddingOptions? options = null) =>
        LocalEmbeddingGenerator.LoadAsync(TestModels.Get(TestModels.MiniLm), options);

    [DataFact(Original, TestModels.MiniLm)]
    public async Task Vectors_are_those_of_the_original_model()
    {
        using var generator = await LoadAsync();
        var rows = (await File.ReadAllLinesAsync(TestModels.GetData(Original))).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var embeddings = await generator.GenerateAsync(rows.Select(r => r.GetProperty("text").GetString()!));
        Assert.Equal(rows.Count, embeddings.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            float[] vector = [.. rows[i].GetProperty("vector").EnumerateArray().Select(v => v.GetSingle())];
            Assert.InRange(TensorPrimitives.CosineSimilarity<float>(vector, embeddings[i].Vector.Span), 0.998f, 1.001f);
            Assert.InRange(TensorPrimitives.Norm(embeddings[i].Vector.Span), 0.999f, 1.001f);
        }

        Assert.Equal(rows.Sum(r => r.GetProperty("ids").GetArrayLength()), embeddings.Usage!.InputTokenCount);
        Assert.Equal(embeddings.Usage.InputTokenCount, embeddings.Usage.TotalTokenCount);
    }

    [ModelFact(TestModels.MiniLm)]
    public async Task A_vector_does_not_depend_on_its_neighbours_or_on_calls_beside_it()
    {
        using var generator = await LoadAsync();
        string[] words = ["tree", "engine", "river", "law", "music", "bread", "planet", "tooth", "number", "winter"];
        string[] texts = [.. words.Select((w, i) => string.Join(' ', Enumerable.Repeat(w, 1 + (i * 7 % 20))))];
        var together = await generator.GenerateAsync(texts);
        var apart = await Task.WhenAll(texts.Select(t => generator.GenerateAsync([t])));
        for (var i = 0; i < texts.Length; i++)
        {
            // A quantised model's sums depend a little on the shape of the batch, different texts differ a lot.
            Assert.InRange(TensorPrimitives.CosineSimilarity(together[i].Vector.Span, apart[i][0].Vector.Span), 0.999f, 1.001f);
            Assert.InRange(TensorPrimitives.CosineSimilarity(together[i].Vector.Span, apart[(i + 1) % texts.Length][0].Vector.Span), -1, 0.9f);
        }

        Assert.Empty(await generator.GenerateAsync([]));
    }

    [ModelFact(TestModels.MiniLm)]
    public async Task A_text_too_long_is_an_error_or_cut()
    {
        var text = string.Concat(Enumerable.Repeat("word ", 2000));
        using (var strict = await LoadAsync())
        {
            var error = await Assert.ThrowsAsync<ArgumentException>(() => strict.GenerateAsync(["fine", text]));
            Assert.Contains("Text 1", error.Message, StringComparison.Ordinal);
            Assert.Single(await strict.GenerateAsync(["fine"]));
        }

        using var cutting = await LoadAsync(new LocalEmbeddingOptions { TruncatesLongTexts = true });
        Assert.Equal(512, (await cutting.GenerateAsync([text])).Usage!.InputTokenCount);
    }

    [ModelFact(TestModels.MiniLm)]
    public async Task What_it_cannot_do_is_named()
    {
        using var generator = await LoadAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { ModelId = "other" }));
        await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 5 }));
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a", null!]));
        Assert.Equal(384, (await generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 384, ModelId = generator.GetService<LlamaModel>()!.Name }))[0].Dimensions);
    }

    [ModelFact(TestModels.MiniLm)]
    public async Task Services_and_the_end()
    {
        var generator = await LoadAsync();
        Assert.Same(generator, generator.GetService<LocalEmbeddingGenerator>());
        Assert.Equal(384, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        Assert.Null(generator.GetService<LlamaModel>("key"));
        generator.Dispose();
        generator.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => generator.GenerateAsync(["a"]));
    }

    [Fact]
    public async Task A_chat_model_is_refused()
    {
        var error = await Assert.ThrowsAsync<UnsupportedModelException>(() => LocalEmbeddingGenerator.LoadAsync(TestModels.Demo));
        Assert.Contains("pooling", error.Message, StringComparison.Ordinal);
    }
}
