using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Speculation.Planning;

public sealed class TopTokensTests
{
    [Theory]
    [InlineData(1, 8)]
    [InlineData(7, 8)]
    [InlineData(1000, 8)]
    [InlineData(4099, 3)]
    public void Selects_what_sorting_selects(int length, int count)
    {
        var random = new Random(length);
        for (var trial = 0; trial < 20; trial++)
        {
            var logits = new float[length];
            for (var i = 0; i < length; i++)
            {
                logits[i] = random.Next(10) == 0 ? float.NegativeInfinity : random.Next(100) / 10f;
            }

            var expected = Enumerable.Range(0, length).Where(t => !float.IsNegativeInfinity(logits[t])).OrderByDescending(t => logits[t]).Take(count).ToArray();
            var (tokens, probabilities) = (new int[count], new float[count]);
            var found = TopTokens.Select(logits, tokens, probabilities);

            Assert.Equal(expected, tokens[..found]);
            var sum = expected.Sum(t => Math.Exp(logits[t]));
            Assert.Equal(expected.Select(t => Math.Exp(logits[t]) / sum), probabilities[..found].Select(p => (double)p), (a, b) => Math.Abs(a - b) < 1e-5);
        }
    }
}
