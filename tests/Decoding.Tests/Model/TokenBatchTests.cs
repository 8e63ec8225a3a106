namespace Connector.Decoding.Tests.Model;

public sealed class TokenBatchTests
{
    [Fact]
    public void Rows_keep_their_sequences()
    {
        var batch = new TokenBatch(3);
        batch.Add(10, 0, 2, wantsLogits: false);
        batch.Add(11, 1, [0, 1, 2], wantsLogits: true);
        batch.Add(12, 2, [1], wantsLogits: true);

        Assert.Equal([2], batch.Sequences(0).ToArray());
        Assert.Equal([0, 1, 2], batch.Sequences(1).ToArray());
        Assert.Equal([1], batch.Sequences(2).ToArray());
        Assert.Equal(2, batch.OutputCount);
        Assert.Throws<InvalidOperationException>(() => batch.Add(13, 3, 0, wantsLogits: false));

        batch.Clear();
        batch.Add(14, 0, [3], wantsLogits: true);
        Assert.Equal([3], batch.Sequences(0).ToArray());
        Assert.Equal(1, batch.OutputCount);
    }
}
