using Connector.Decoding;

namespace Connector.LlamaCpp.Tests.Context;

public sealed class ExactProbeTests
{
    [Theory]
    [InlineData(512, 64)]
    [InlineData(512, 1)]
    [InlineData(5, 2)]
    public void Kernels_that_treat_tokens_alone_are_exact(int maxBatchTokens, int maxOutputs) =>
        Assert.Equal(0, ExactProbe.Difference(new Kernels(_ => 0, maxBatchTokens, maxOutputs), 100));

    [Theory]
    [InlineData(2, 512, 64)]
    [InlineData(3, 512, 64)]
    [InlineData(4, 512, 1)]
    [InlineData(5, 5, 2)]
    [InlineData(64, 512, 1)]
    public void Kernels_that_change_with_the_size_are_not(int from, int maxBatchTokens, int maxOutputs)
    {
        Assert.Equal(0.25f, ExactProbe.Difference(new Kernels(size => size >= from ? 0.25f : 0, maxBatchTokens, maxOutputs), 100));
        Assert.Equal(float.PositiveInfinity, ExactProbe.Difference(new Kernels(size => size >= from ? float.NaN : 0, maxBatchTokens, maxOutputs), 100));
    }

    /// <summary>Logits are the token and what a call of this size adds by mistake.</summary>
    private sealed class Kernels(Func<int, float> mistake, int maxBatchTokens, int maxOutputs) : IModelContext
    {
        private readonly Dictionary<int, float[]> _logits = [];

        public int Capacity => 256;

        public int MaxSequences => 1;

        public int MaxBatchTokens => maxBatchTokens;

        public int MaxOutputs => maxOutputs;

        public MemoryCapabilities Memory => MemoryCapabilities.All;

        public void Evaluate(TokenBatch batch, CancellationToken cancellationToken = default)
        {
            Assert.InRange(batch.OutputCount, 1, maxOutputs);
            _logits.Clear();
            for (var row = 0; row < batch.Count; row++)
            {
                if (batch.WantsLogits[row])
                {
                    _logits[row] = [batch.Tokens[row] + mistake(batch.Count), 1];
                }
            }
        }

        public Span<float> Logits(int row) => _logits[row];

        public bool Truncate(int sequence, int start, int end = -1) => true;

        public ReadOnlySpan<float> Hidden(int row) => throw new NotSupportedException();

        public void CopySequence(int source, int target, int start = 0, int end = -1) => throw new NotSupportedException();

        public void ShiftPositions(int sequence, int start, int end, int delta) => throw new NotSupportedException();

        public void SaveSequence(int sequence, Stream destination) => throw new NotSupportedException();

        public void LoadSequence(int sequence, Stream source) => throw new NotSupportedException();

        public void Dispose()
        {
            // Holds nothing.
        }
    }
}
