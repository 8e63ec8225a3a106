using System.Collections.Immutable;

namespace Connector.Decoding.Constraints.Patterns;

/// <summary>
/// Splits a pattern by <c>^</c>: the ways to match that need the start of the text right where they begin, and those
/// that never ask for it. Ways that ask for the start after reading something match nothing and vanish.
/// </summary>
/// <param name="AtStart">The ways that begin at the start, without their <c>^</c>; null: none.</param>
/// <param name="Anywhere">The ways without <c>^</c>; null: none.</param>
internal readonly record struct PatternAnchors(PatternNode? AtStart, PatternNode? Anywhere)
{
    /// <summary>Splits a pattern.</summary>
    public static PatternAnchors Split(PatternNode node)
    {
        if (!node.HasStart)
        {
            return new(null, node);
        }

        switch (node)
        {
            case PatternStart:
                return new(PatternNode.Nothing, null);
            case PatternChoice choice:
                ImmutableArray<PatternAnchors> options = [.. choice.Options.Select(Split)];
                return new(Choose(options.Select(o => o.AtStart)), Choose(options.Select(o => o.Anywhere)));
            case PatternSequence sequence:
                return sequence.Items.Select(Split).Aggregate(new PatternAnchors(null, PatternNode.Nothing), static (x, y) => x.Then(y));
            case PatternRepeat repeat when Split(repeat.Body) is { AtStart: not null } body:
                return Repeat(repeat, body);
            default:
                return new(null, node);
        }
    }

    private PatternAnchors Then(PatternAnchors next)
    {
        var skipped = Choose([AtStart is null ? null : EmptyWays(AtStart), Anywhere is null ? null : EmptyWays(Anywhere)]);
        return new(Choose([Join(AtStart, next.Anywhere), Join(skipped, next.AtStart)]), Join(Anywhere, next.Anywhere));
    }

    private static PatternAnchors Repeat(PatternRepeat repeat, PatternAnchors body)
    {
        var rest = body.Anywhere is null
            ? (repeat.Min <= 1 ? PatternNode.Nothing : null)
            : new PatternRepeat(body.Anywhere, Math.Max(repeat.Min - 1, 0), repeat.Max - 1);
        var anywhere = body.Anywhere is null
            ? (repeat.Min == 0 ? PatternNode.Nothing : null)
            : new PatternRepeat(body.Anywhere, repeat.Min, repeat.Max);
        return new(repeat.Max == 0 ? null : Join(body.AtStart, rest), anywhere);
    }

    private static PatternNode? Join(PatternNode? first, PatternNode? second) => (first, second) switch
    {
        (null, _) or (_, null) => null,
        (PatternSequence { Items: [] }, _) => second,
        (_, PatternSequence { Items: [] }) => first,
        (PatternSequence x, _) => new PatternSequence(x.Items.Add(second)),
        _ => new PatternSequence([first, second]),
    };

    private static PatternNode? Choose(IEnumerable<PatternNode?> options)
    {
        ImmutableArray<PatternNode> some = [.. options.OfType<PatternNode>()];
        return some.Length switch { 0 => null, 1 => some[0], _ => new PatternChoice(some) };
    }

    // The ways of a node that read nothing: its assertions remain.
    private static PatternNode? EmptyWays(PatternNode node) => node switch
    {
        PatternSet => null,
        PatternSequence sequence => sequence.Items.Select(EmptyWays).Aggregate((PatternNode?)PatternNode.Nothing, Join),
        PatternChoice choice => Choose(choice.Options.Select(EmptyWays)),
        PatternRepeat repeat => repeat.Min == 0 ? PatternNode.Nothing : EmptyWays(repeat.Body),
        _ => node,
    };
}
