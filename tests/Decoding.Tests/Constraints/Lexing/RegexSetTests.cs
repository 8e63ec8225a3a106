using Connector.Decoding.Constraints.Lexing;
using Connector.Decoding.Tests.Constraints.Support;

namespace Connector.Decoding.Tests.Constraints.Lexing;

public class RegexSetTests
{
    [Fact]
    public void Derivatives_accept_exactly_what_the_regex_matches()
    {
        var texts = Enumerable.Range(0, 6).SelectMany(length => Enumerable.Range(0, 1 << length).Select(bits =>
            string.Concat(Enumerable.Range(0, length).Select(i => (bits >> i & 1) == 0 ? 'a' : 'b')))).ToArray();
        for (var seed = 0; seed < 1500; seed++)
        {
            var model = Rx.Random(new Random(seed), "ab", 4);
            var set = new RegexSet();
            var regex = model.Build(set);
            var any = false;
            foreach (var text in texts)
            {
                var state = regex;
                foreach (var c in text)
                {
                    Assert.Equal(set.IsEmpty(state), state == set.Nothing || set.IsEmpty(state));
                    state = set.Derive(state, (byte)c);
                }

                var matches = model.Matches(text, 0, text.Length);
                any |= matches;
                Assert.True(matches == set.IsNullable(state), $"seed {seed}: {model} on '{text}'");
            }

            Assert.False(any && set.IsEmpty(regex), $"seed {seed}: {model}");
        }
    }

    [Fact]
    public void Within_reach_nothing_changes()
    {
        const int Reach = 3;
        var changed = 0;
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var set = new RegexSet();
            var pattern = Rx.Random(random, "ab", 3).Build(set);
            var unit = random.Next(3) switch { 0 => set.AnyOf("ab"u8), 1 => set.Or(set.Literal("a"), set.Literal("ba")), _ => set.AnyOf("a"u8) };
            var count = set.Repeat(unit, random.Next(3) == 0 ? 1 : 0, 2 + random.Next(12));
            var regex = random.Next(3) switch
            {
                0 => set.And(pattern, count),
                1 => set.Concat(set.Optional(set.Literal("b")), set.And(set.Concat(set.Literal("a"), pattern), set.Concat(set.Literal("a"), count)), set.Literal("b")),
                _ => set.Or(set.Concat(pattern, count), set.Repeat(pattern, random.Next(7), 7)),
            };
            var near = set.WithinReach(regex, Reach);
            changed += near == regex ? 0 : 1;
            for (var length = 0; length <= Reach; length++)
            {
                for (var bits = 0; bits < 1 << length; bits++)
                {
                    var (exact, other) = (regex, near);
                    for (var i = 0; i < length; i++)
                    {
                        var value = (byte)((bits >> i & 1) == 0 ? 'a' : 'b');
                        (exact, other) = (set.Derive(exact, value), set.Derive(other, value));
                    }

                    Assert.True(set.IsNullable(exact) == set.IsNullable(other), $"seed {seed}");
                    Assert.True(set.IsEmpty(exact) == set.IsEmpty(other), $"seed {seed}");
                }
            }
        }

        Assert.True(changed > 300, $"{changed}");
    }

    [Fact]
    public void Bounds_in_the_millions_cost_nothing()
    {
        var set = new RegexSet();
        var loop = set.Repeat(set.Range((byte)'a', (byte)'z'), 1_000_000, 2_000_000);
        var before = set.Count;
        var state = loop;
        for (var i = 0; i < 100; i++)
        {
            state = set.Derive(state, (byte)'q');
        }

        Assert.True(set.Count - before <= 200, $"{set.Count - before} nodes");
        Assert.False(set.IsNullable(state));
        Assert.False(set.IsEmpty(state));
    }

    [Fact]
    public void Ambiguous_loops_keep_their_derivatives_few()
    {
        var set = new RegexSet();
        var state = set.Repeat(set.Or(set.Literal("a"), set.Literal("aa")), 0, 1_000_000);
        for (var i = 0; i < 300; i++)
        {
            state = set.Derive(state, (byte)'a');
        }

        Assert.True(set.IsNullable(state));
        Assert.True(set.Count < 3_000, $"{set.Count} nodes");
    }

    [Theory]
    [InlineData(0x00, 0x10FFFF)]
    [InlineData(0x7F, 0x80)]
    [InlineData(0x7FF, 0x800)]
    [InlineData(0xFFFF, 0x10000)]
    [InlineData(0x41, 0x1F600)]
    [InlineData(0xD7FF, 0xE000)]
    public void Code_points_become_utf8(int low, int high)
    {
        var set = new RegexSet();
        var regex = set.CodePoints((low, high));
        int[] probes = [0, 0x40, 0x41, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF];
        foreach (var probe in probes)
        {
            var state = regex;
            foreach (var value in System.Text.Encoding.UTF8.GetBytes(char.ConvertFromUtf32(probe)))
            {
                state = set.Derive(state, value);
            }

            Assert.Equal(probe >= low && probe <= high, set.IsNullable(state));
        }

        // Overlong forms, surrogates and lone bytes.
        foreach (byte[] bytes in new byte[][] { [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xFF] })
        {
            var state = regex;
            foreach (var value in bytes)
            {
                state = set.Derive(state, value);
            }

            Assert.False(set.IsNullable(state));
        }
    }
}
