using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Speculation.Sources;

public sealed class OccurrenceIndexTests
{
    [Theory]
    [InlineData(1, 2, 64, 300)]
    [InlineData(2, 3, 128, 100)]
    [InlineData(3, 5, 256, 1000)]
    [InlineData(4, 50, 1024, 700)]
    public void Finds_what_a_scan_finds(int seed, int alphabet, int capacity, int length)
    {
        var random = new Random(seed);
        var index = new OccurrenceIndex(16, capacity);
        var text = new List<int>();
        var found = new Occurrence[4096];
        for (var i = 0; i < length; i++)
        {
            var token = random.Next(20) == 0 ? OccurrenceIndex.Separator : random.Next(alphabet);
            text.Add(token);
            index.Append(token);
            if (token < 0)
            {
                continue;
            }

            var context = text.Skip(text.LastIndexOf(OccurrenceIndex.Separator) + 1).TakeLast(40).ToArray();
            var count = index.Find(context, 4096, found);
            Assert.Equal(Scan(text, context, capacity), found[..count].OrderBy(o => o.Next));
        }
    }

    [Fact]
    public void Prefers_long_matches_then_late_ones()
    {
        var index = new OccurrenceIndex(64, 64);
        index.Append([1, 2, 3, 9, 3, 8, 2, 3, 7, 1, 2, 3]);
        var found = new Occurrence[8];

        var count = index.Find([1, 2, 3], 1, found);

        Assert.Equal([new Occurrence(3, 3), new Occurrence(8, 2)], found[..count]);
    }

    [Fact]
    public void Clear_forgets()
    {
        var index = new OccurrenceIndex(64, 64);
        index.Append([1, 2, 1, 3]);
        index.Clear();
        index.Append(1);

        Assert.Equal(0, index.Find([1], 8, new Occurrence[8]));
    }

    private static IEnumerable<Occurrence> Scan(List<int> text, int[] context, int capacity)
    {
        var oldest = Math.Max(0, text.Count - capacity);
        for (var next = oldest + 1; next < text.Count; next++)
        {
            var length = 0;
            while (length < OccurrenceIndex.MaxMatch && length < context.Length && next - 1 - length >= oldest
                && text[next - 1 - length] == context[^(length + 1)])
            {
                length++;
            }

            if (length > 0 && text[next] >= 0)
            {
                yield return new Occurrence(next, length);
            }
        }
    }
}
