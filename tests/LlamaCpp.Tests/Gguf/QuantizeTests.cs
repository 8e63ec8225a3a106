using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Gguf;

public sealed class QuantizeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("connector-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_quantised_copy_is_smaller_and_loads()
    {
        var target = Path.Combine(_folder.FullName, "small.gguf");
        var reports = new List<float>();

        await GgufFile.QuantizeAsync(TestModels.Demo, target, GgufQuantization.Q40, new Recorder(reports));

        var original = GgufFile.Read(TestModels.Demo);
        var copy = GgufFile.Read(target);
        Assert.Contains(copy.Tensors, tensor => tensor.Type == "Q4_0");
        Assert.True(copy.TensorBytes < original.TensorBytes);
        Assert.Equal(original.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal), copy.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
        Assert.True(reports.Count > 3);
        Assert.Equal(reports.Order(), reports);
        Assert.Equal(1, reports[^1]);
        Assert.Equal([target], Directory.GetFiles(_folder.FullName));
        using var model = await LlamaModel.LoadAsync(target);
    }

    [Fact]
    public async Task A_cancelled_copy_leaves_no_file()
    {
        var target = Path.Combine(_folder.FullName, "never.gguf");
        using var cancellation = new CancellationTokenSource();
        var begun = new CancelOnReport(cancellation);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => GgufFile.QuantizeAsync(TestModels.Demo, target, GgufQuantization.Q80, begun, cancellation.Token));

        while (Directory.GetFiles(_folder.FullName).Length > 0)
        {
            await Task.Delay(10);
        }

        Assert.False(File.Exists(target));
    }

    [Fact]
    public async Task A_model_is_not_written_onto_itself() =>
        await Assert.ThrowsAsync<ArgumentException>(() => GgufFile.QuantizeAsync(TestModels.Demo, TestModels.Demo, GgufQuantization.Q80));

    private sealed class Recorder(List<float> reports) : IProgress<float>
    {
        public void Report(float value) => reports.Add(value);
    }

    private sealed class CancelOnReport(CancellationTokenSource cancellation) : IProgress<float>
    {
        public void Report(float value) => cancellation.Cancel();
    }
}
