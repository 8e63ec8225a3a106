using Connector.Decoding;
using Connector.TestSupport;
using Microsoft.Extensions.Logging;

namespace Connector.LlamaCpp.Tests.Model;

public sealed class ModelLoadingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("connector-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Metadata_is_there_without_asking_the_file_again()
    {
        using var model = await LlamaModel.LoadAsync(TestModels.Demo);

        Assert.Equal("connector-demo-4.6m-q8_0", model.Name);
        Assert.Equal("llama", model.Metadata.Architecture);
        Assert.Equal(6, model.Metadata.LayerCount);
        Assert.Equal(1024, model.TrainedContextLength);
        Assert.Equal(256, model.EmbeddingWidth);
        Assert.Equal(4_590_848, model.Metadata.ParameterCount);
        Assert.Contains("Q8_0", model.Description, StringComparison.Ordinal);
        Assert.Equal(Pooling.None, model.Metadata.Pooling);
        Assert.Contains("im_start", model.Metadata.ChatTemplate, StringComparison.Ordinal);
        Assert.Equal("<|im_end|>", model.EndOfSequenceText);
    }

    [Fact]
    public async Task Progress_goes_from_nought_to_one_and_the_log_to_the_logger()
    {
        var reports = new List<float>();
        using var log = new RecordingLoggerFactory();

        using var model = await LlamaModel.LoadAsync(TestModels.Demo, progress: new Recorder(reports), loggerFactory: log);

        Assert.Equal(reports.Order(), reports);
        Assert.Equal(1, reports[^1]);
        Assert.Contains(log.Lines, line => line.Contains("llama_model_loader", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Loading_can_be_given_up()
    {
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => LlamaModel.LoadAsync(TestModels.Demo, progress: new CancelOnReport(cancellation), cancellationToken: cancellation.Token));
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var error = await Assert.ThrowsAsync<FileNotFoundException>(() => LlamaModel.LoadAsync(Path.Combine(_folder.FullName, "none.gguf")));

        Assert.Contains("none.gguf", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama", "xlama", typeof(UnsupportedModelException), "xlama")]
    [InlineData("qwen2", "qwenX", typeof(UnsupportedModelException), "qwenX")]
    [InlineData("token_embd.weight", "token_embX.weight", typeof(InvalidGgufException), "token_embd.weight")]
    public async Task What_llama_cpp_refuses_comes_with_its_reason(string text, string replacement, Type exception, string reason)
    {
        var bytes = await File.ReadAllBytesAsync(TestModels.DemoDraft);
        Replace(bytes, text, replacement);

        var error = await Assert.ThrowsAsync(exception, () => LlamaModel.LoadAsync(Write(bytes)));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama.block_count", 0, "block_count")]
    [InlineData("llama.block_count", 100_000, "block_count")]
    [InlineData("llama.attention.head_count_kv", 3, "heads")]
    [InlineData("llama.context_length", -1, "context_length")]
    public async Task Metadata_that_would_end_the_process_is_refused(string key, int value, string reason)
    {
        var bytes = await File.ReadAllBytesAsync(TestModels.DemoDraft);
        var at = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(key)) + key.Length + sizeof(int);
        BitConverter.TryWriteBytes(bytes.AsSpan(at), value);

        var error = await Assert.ThrowsAsync<InvalidGgufException>(() => LlamaModel.LoadAsync(Write(bytes)));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_occurs_twice_is_refused()
    {
        var file = GgufFile.Read(TestModels.DemoDraft);
        var tokens = file.Metadata.GetArray<string>("tokenizer.ggml.tokens")!;
        var (first, second) = tokens.Where(token => token.Length == 4 && token.All(char.IsAsciiLetter)).Take(2).ToArray() is [var a, var b] ? (a, b) : default;
        var bytes = await File.ReadAllBytesAsync(TestModels.DemoDraft);
        Replace(bytes, "\u0004\0\0\0\0\0\0\0" + second, "\u0004\0\0\0\0\0\0\0" + first);

        var error = await Assert.ThrowsAsync<InvalidGgufException>(() => LlamaModel.LoadAsync(Write(bytes)));

        Assert.Contains("twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Random_damage_never_ends_the_process()
    {
        var whole = await File.ReadAllBytesAsync(TestModels.DemoDraft);
        var header = (int)GgufFile.Read(TestModels.DemoDraft).Tensors[0].Offset;
        var random = new Random(7);
        for (var i = 0; i < 60; i++)
        {
            var bytes = (byte[])whole.Clone();
            var at = i % 3 == 0 ? random.Next(1500) : i % 3 == 1 ? header - random.Next(4500) : random.Next(header);
            bytes[at] ^= (byte)(1 << random.Next(8));
            try
            {
                using var model = await LlamaModel.LoadAsync(Write(bytes));
                using var context = model.CreateContext(new LlamaContextOptions { Threads = 1, MaxBatchTokens = 16 });
            }
            catch (Exception error) when (error is InvalidGgufException or UnsupportedModelException or ModelMemoryException or ModelEvaluationException)
            {
                Assert.NotEmpty(error.Message);
            }
        }
    }

    [Fact]
    public async Task A_gpu_that_is_not_there_is_named_with_those_that_are()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => LlamaModel.LoadAsync(TestModels.Demo, new LlamaModelOptions { Devices = ["CUDA99"] }));

        Assert.Contains("CUDA99", error.Message, StringComparison.Ordinal);
        Assert.Contains("CPU", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_contradict_each_other_or_the_machine_are_refused()
    {
        await RefusedAsync(new LlamaModelOptions { GpuLayers = 0, MainGpu = 0 }, "no use");
        await RefusedAsync(new LlamaModelOptions { MainGpu = 99 }, "MainGpu is 99");
        if (!ComputeDevice.Enumerate().Any(device => device.IsGpu))
        {
            await RefusedAsync(new LlamaModelOptions { GpuLayers = 5 }, "no GPU");
        }

        static async Task RefusedAsync(LlamaModelOptions options, string reason) => Assert.Contains(
            reason, (await Assert.ThrowsAsync<ArgumentException>(() => LlamaModel.LoadAsync(TestModels.Demo, options))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void This_machine_has_a_processor()
    {
        var devices = ComputeDevice.Enumerate();

        var processor = Assert.Single(devices, device => device.Kind == ComputeDeviceKind.Cpu);
        Assert.Equal("CPU", processor.Backend);
        Assert.True(processor.TotalMemory > 0);
        Assert.False(processor.IsGpu);
    }

    private string Write(byte[] bytes)
    {
        var path = Path.Combine(_folder.FullName, "case.gguf");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    // Of equal length, so that no other byte moves.
    private static void Replace(byte[] bytes, string text, string replacement)
    {
        var at = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(text));
        Assert.True(at > 0 && text.Length == replacement.Length);
        System.Text.Encoding.ASCII.GetBytes(replacement).CopyTo(bytes.AsSpan(at));
    }

    private sealed class Recorder(List<float> reports) : IProgress<float>
    {
        public void Report(float value) => reports.Add(value);
    }

    private sealed class CancelOnReport(CancellationTokenSource cancellation) : IProgress<float>
    {
        public void Report(float value) => cancellation.Cancel();
    }

    private sealed class RecordingLoggerFactory : ILoggerFactory, ILogger
    {
        private readonly Lock _gate = new();
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_gate)
                {
                    return [.. _lines];
                }
            }
        }

        public void AddProvider(ILoggerProvider provider) { }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_gate)
            {
                _lines.Add(formatter(state, exception));
            }
        }

        public void Dispose() { }
    }
}
