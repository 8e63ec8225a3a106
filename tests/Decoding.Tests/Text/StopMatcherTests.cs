using System.Text;
using Connector.Decoding.Text;

namespace Connector.Decoding.Tests.Text;

public sealed class StopMatcherTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Finds_what_a_search_of_the_whole_text_finds(int alphabet)
    {
        var random = new Random(alphabet);
        for (var round = 0; round < 3000; round++)
        {
            var stops = Enumerable.Range(0, random.Next(1, 5)).Select(_ => RandomText(random, alphabet, random.Next(1, 5))).ToArray();
            var text = RandomText(random, alphabet, random.Next(0, 12));
            var matcher = new StopMatcher(stops);
            var state = default(StopState);
            StopMatch? found = null;
            var read = 0;
            while (read < text.Length && found is null)
            {
                var length = Math.Min(random.Next(0, 4), text.Length - read);
                found = matcher.Find(ref state, Encoding.UTF8.GetBytes(text.Substring(read, length)));
                read += found?.End ?? length;
                if (found is null)
                {
                    Assert.Equal(LongestPendingSuffix(text[..read], stops), matcher.PendingBytes(state));
                }
            }

            var expected = FirstMatch(text, stops);
            Assert.Equal(expected?.Stop, found?.Stop);
            Assert.Equal(expected?.End, found is null ? null : read);
        }
    }

    [Fact]
    public void Of_two_that_end_together_the_longer_wins()
    {
        var state = default(StopState);
        Assert.Equal(new StopMatch("abc", 3, 3), new StopMatcher("bc", "abc").Find(ref state, "abc"u8));
    }

    [Fact]
    public void A_match_across_calls_tells_where_it_ended()
    {
        var matcher = new StopMatcher("</end>", "ß");
        var state = default(StopState);
        Assert.Null(matcher.Find(ref state, "text </e"u8));
        Assert.Equal(3, matcher.PendingBytes(state));
        Assert.Equal(new StopMatch("</end>", 3, 6), matcher.Find(ref state, "nd> more"u8));
    }

    [Fact]
    public void Without_stops_nothing_matches_and_nothing_is_held()
    {
        var state = default(StopState);
        Assert.Null(new StopMatcher().Find(ref state, "anything"u8));
        Assert.Equal(0, new StopMatcher().PendingBytes(state));
    }

    [Fact]
    public void An_empty_stop_string_is_refused_by_its_index() =>
        Assert.Contains("Stop string 1", Assert.Throws<ArgumentException>(() => new StopMatcher("a", "")).Message, StringComparison.Ordinal);

    private static string RandomText(Random random, int alphabet, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(alphabet))));

    private static (string Stop, int End)? FirstMatch(string text, string[] stops)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            var ending = stops.Where(s => text[..end].EndsWith(s, StringComparison.Ordinal)).MaxBy(s => s.Length);
            if (ending is not null)
            {
                return (ending, end);
            }
        }

        return null;
    }

    private static int LongestPendingSuffix(string text, string[] stops) =>
        Enumerable.Range(0, text.Length + 1).Select(start => text[start..]).First(suffix => stops.Any(s => s.StartsWith(suffix, StringComparison.Ordinal))).Length;
}
