using Connector.Decoding;
using Connector.LlamaCpp.Tests.Gguf;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Context;

/// <summary>A Mamba of random weights: what cannot be done with a recurrent state is said, not tried.</summary>
public sealed class RecurrentModelTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("connector-");
    private LlamaModel _model = null!;

    public async Task InitializeAsync()
    {
        var path = Path.Combine(_folder.FullName, "mamba.gguf");
        WriteMamba(path);
        _model = await LlamaModel.LoadAsync(path);
    }

    public Task DisposeAsync()
    {
        _model.Dispose();
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_memory_appends_and_copies_whole_sequences(bool exact)
    {
        // F32 weights are not exact with the kernels of every processor; those of Q8_0 are.
        var path = Path.Combine(_folder.FullName, "mamba-q8.gguf");
        await GgufFile.QuantizeAsync(_model.Path, path, GgufQuantization.Q80);
        using var model = await LlamaModel.LoadAsync(path);
        using var context = model.CreateContext(new LlamaContextOptions { Threads = 1, MaxSequences = 3, MaxBatchTokens = 32, ExactMode = exact });

        Assert.False(context.Memory.HasFlag(MemoryCapabilities.Rewind));
        Assert.False(context.Memory.HasFlag(MemoryCapabilities.Tree));
        Assert.False(context.Memory.HasFlag(MemoryCapabilities.PartialCopy));
        Assert.False(context.Memory.HasFlag(MemoryCapabilities.Shift));
        Evaluate(context, 0, 0, 10);
        context.CopySequence(0, 1);
        Assert.Throws<InvalidOperationException>(() => context.CopySequence(0, 2, 3, 5));
        Assert.Throws<InvalidOperationException>(() => context.ShiftPositions(0, 0, -1, 1));
        Assert.Equal(Evaluate(context, 0, 10, 1), Evaluate(context, 1, 10, 1));
        Assert.False(context.Truncate(0, 5));
        Assert.True(context.Truncate(0, 0));
        Evaluate(context, 0, 0, 3);
    }

    [Fact]
    public void A_saved_sequence_goes_on()
    {
        using var context = _model.CreateContext(new LlamaContextOptions { Threads = 1, MaxSequences = 2, MaxBatchTokens = 32 });
        using var saved = new MemoryStream();
        Evaluate(context, 0, 0, 7);
        context.SaveSequence(0, saved);
        var expected = Evaluate(context, 0, 7, 1);
        saved.Position = 0;

        context.LoadSequence(1, saved);

        Assert.Equal(expected, Evaluate(context, 1, 7, 1));
    }

    private static float[] Evaluate(LlamaContext context, int sequence, int start, int count)
    {
        var batch = new TokenBatch(count);
        for (var i = 0; i < count; i++)
        {
            batch.Add(300 + (start + i), start + i, sequence, i == count - 1);
        }

        context.Evaluate(batch);
        return context.Logits(count - 1).ToArray();
    }

    private static void WriteMamba(string path)
    {
        const int width = 32, inner = 64, state = 8, rank = 4, kernel = 4, layers = 2;
        var demo = GgufFile.Read(TestModels.DemoDraft).Metadata;
        var writer = new GgufWriter();
        var random = new Random(1);
        writer.Add("general.architecture", "mamba");
        writer.Add("mamba.context_length", 512u);
        writer.Add("mamba.embedding_length", (uint)width);
        writer.Add("mamba.feed_forward_length", 0u);
        writer.Add("mamba.attention.head_count", 0u);
        writer.Add("mamba.block_count", (uint)layers);
        writer.Add("mamba.ssm.conv_kernel", (uint)kernel);
        writer.Add("mamba.ssm.inner_size", (uint)inner);
        writer.Add("mamba.ssm.state_size", (uint)state);
        writer.Add("mamba.ssm.time_step_rank", (uint)rank);
        writer.Add("mamba.attention.layer_norm_rms_epsilon", 1e-5f);
        foreach (var key in demo.Keys.Where(key => key.StartsWith("tokenizer.ggml.", StringComparison.Ordinal)))
        {
            writer.Add(key, demo[key]!);
        }

        writer.AddTensor("token_embd.weight", random, width, 4096);
        writer.AddTensor("output_norm.weight", random, width);
        for (var layer = 0; layer < layers; layer++)
        {
            writer.AddTensor($"blk.{layer}.attn_norm.weight", random, width);
            writer.AddTensor($"blk.{layer}.ssm_in.weight", random, width, 2 * inner);
            writer.AddTensor($"blk.{layer}.ssm_conv1d.weight", random, kernel, inner);
            writer.AddTensor($"blk.{layer}.ssm_conv1d.bias", random, inner);
            writer.AddTensor($"blk.{layer}.ssm_x.weight", random, inner, rank + (2 * state));
            writer.AddTensor($"blk.{layer}.ssm_dt.weight", random, rank, inner);
            writer.AddTensor($"blk.{layer}.ssm_dt.bias", random, inner);
            writer.AddTensor($"blk.{layer}.ssm_a", random, state, inner);
            writer.AddTensor($"blk.{layer}.ssm_d", random, inner);
            writer.AddTensor($"blk.{layer}.ssm_out.weight", random, inner, width);
        }

        writer.Write(path);
    }
}
