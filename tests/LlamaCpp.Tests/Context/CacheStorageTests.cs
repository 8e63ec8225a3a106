using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Context;

/// <summary>Flash attention where the options leave it open: the demo target's heads are 64 wide, the draft's 32.</summary>
public class CacheStorageTests
{
    [Fact]
    public async Task Narrow_heads_go_without_flash_attention_on_a_processor()
    {
        var (wide, narrow) = (await MetadataAsync(TestModels.Demo), await MetadataAsync(TestModels.DemoDraft));

        Assert.Equal((64, 32), (KeyValueMemory.KeyWidth(wide), KeyValueMemory.KeyWidth(narrow)));
        Assert.Null(CacheStorage.Choose(new(), wide, onGpu: false).FlashAttention);
        Assert.False(CacheStorage.Choose(new(), narrow, onGpu: false).FlashAttention);
        Assert.Null(CacheStorage.Choose(new(), narrow, onGpu: true).FlashAttention);
    }

    [Fact]
    public async Task What_was_asked_for_or_is_needed_comes_first()
    {
        var narrow = await MetadataAsync(TestModels.DemoDraft);

        Assert.True(CacheStorage.Choose(new() { FlashAttention = true }, narrow, onGpu: false).FlashAttention);
        Assert.Null(CacheStorage.Choose(new() { ValueType = CacheType.Q8 }, narrow, onGpu: false).FlashAttention);
        Assert.True(CacheStorage.Choose(new() { ExactMode = true }, narrow, onGpu: false).FlashAttention);
    }

    private static async Task<ModelMetadata> MetadataAsync(string path)
    {
        using var model = await LlamaModel.LoadAsync(path, new LlamaModelOptions { VocabularyOnly = true });
        return model.Metadata;
    }
}
