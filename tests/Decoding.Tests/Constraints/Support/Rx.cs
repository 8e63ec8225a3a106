using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Tests.Constraints.Support;

/// <summary>
/// Regular expressions whose meaning is spelled out: which parts of a text each matches. Slow and obvious; the
/// reference for <see cref="RegexSet"/>.
/// </summary>
internal abstract record Rx
{
    public abstract Regex Build(RegexSet set);

    public abstract bool Matches(string text, int from, int to);

    public static Rx Random(Random random, string alphabet, int depth) => (depth == 0 ? random.Next(3) : random.Next(10)) switch
    {
        0 or 1 => new OneOf([.. alphabet.Where(_ => random.Next(3) > 0).DefaultIfEmpty(alphabet[0])]),
        2 => random.Next(4) == 0 ? new Text("") : new Text(string.Concat(Enumerable.Range(0, 1 + random.Next(3)).Select(_ => alphabet[random.Next(alphabet.Length)]))),
        3 or 4 => new Then(Random(random, alphabet, depth - 1), Random(random, alphabet, depth - 1)),
        5 => new Either(Random(random, alphabet, depth - 1), Random(random, alphabet, depth - 1)),
        6 => new Both(Random(random, alphabet, depth - 1), Random(random, alphabet, depth - 1)),
        7 => new Without(Random(random, alphabet, depth - 1)),
        _ => RandomLoop(random, Random(random, alphabet, depth - 1)),
    };

    private static Loop RandomLoop(Random random, Rx body)
    {
        var min = random.Next(3);
        return new Loop(body, min, random.Next(2) == 0 ? RegexSet.Unbounded : min + random.Next(3));
    }

    internal sealed record OneOf(char[] Chars) : Rx
    {
        public override Regex Build(RegexSet set) => set.AnyOf([.. Chars.Select(static c => (byte)c)]);

        public override bool Matches(string text, int from, int to) => to == from + 1 && Chars.Contains(text[from]);
    }

    internal sealed record Text(string Value) : Rx
    {
        public override Regex Build(RegexSet set) => set.Literal(Value);

        public override bool Matches(string text, int from, int to) => text[from..to] == Value;
    }

    internal sealed record Then(Rx First, Rx Second) : Rx
    {
        public override Regex Build(RegexSet set) => set.Concat(First.Build(set), Second.Build(set));

        public override bool Matches(string text, int from, int to) =>
            Enumerable.Range(from, to - from + 1).Any(middle => First.Matches(text, from, middle) && Second.Matches(text, middle, to));
    }

    internal sealed record Either(Rx First, Rx Second) : Rx
    {
        public override Regex Build(RegexSet set) => set.Or(First.Build(set), Second.Build(set));

        public override bool Matches(string text, int from, int to) => First.Matches(text, from, to) || Second.Matches(text, from, to);
    }

    internal sealed record Both(Rx First, Rx Second) : Rx
    {
        public override Regex Build(RegexSet set) => set.And(First.Build(set), Second.Build(set));

        public override bool Matches(string text, int from, int to) => First.Matches(text, from, to) && Second.Matches(text, from, to);
    }

    internal sealed record Without(Rx Body) : Rx
    {
        public override Regex Build(RegexSet set) => set.Not(Body.Build(set));

        public override bool Matches(string text, int from, int to) => !Body.Matches(text, from, to);
    }

    internal sealed record Loop(Rx Body, int Min, int Max) : Rx
    {
        public override Regex Build(RegexSet set) => set.Repeat(Body.Build(set), Min, Max);

        public override bool Matches(string text, int from, int to)
        {
            // reached[n]: the places that n rounds can reach.
            HashSet<int> reached = [from];
            for (var round = 0; round <= Math.Min(Max, Min + to - from); round++)
            {
                if (round >= Min && reached.Contains(to))
                {
                    return true;
                }

                reached = [.. reached.SelectMany(start => Enumerable.Range(start, to - start + 1).Where(end => Body.Matches(text, start, end)))];
            }

            return false;
        }
    }
}
