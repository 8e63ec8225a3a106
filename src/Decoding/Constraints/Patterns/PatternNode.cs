using System.Collections.Immutable;

namespace Connector.Decoding.Constraints.Patterns;

/// <summary>A parsed pattern: a regular expression over code points with ECMA-262's assertions.</summary>
internal abstract record PatternNode
{
    /// <summary>Whether it holds an assertion.</summary>
    public virtual bool HasAssertion => false;

    /// <summary>Whether it holds a <c>^</c>.</summary>
    public virtual bool HasStart => false;

    /// <summary>Whether it holds a word boundary.</summary>
    public virtual bool HasWordBoundary => false;

    /// <summary>Matches the empty string.</summary>
    public static PatternNode Nothing { get; } = new PatternSequence([]);
}

/// <summary>Something made of parts.</summary>
internal abstract record PatternGroup : PatternNode
{
    private protected PatternGroup(ImmutableArray<PatternNode> parts)
    {
        HasAssertion = parts.Any(p => p.HasAssertion);
        HasStart = parts.Any(p => p.HasStart);
        HasWordBoundary = parts.Any(p => p.HasWordBoundary);
    }

    /// <inheritdoc/>
    public override bool HasAssertion { get; }

    /// <inheritdoc/>
    public override bool HasStart { get; }

    /// <inheritdoc/>
    public override bool HasWordBoundary { get; }
}

/// <summary>One code point of a set.</summary>
internal sealed record PatternSet(CodePointSet Set) : PatternNode;

/// <summary>One after the other.</summary>
internal sealed record PatternSequence(ImmutableArray<PatternNode> Items) : PatternGroup(Items);

/// <summary>One of several.</summary>
internal sealed record PatternChoice(ImmutableArray<PatternNode> Options) : PatternGroup(Options);

/// <summary>A body repeated; null as <paramref name="Max"/>: without end. Greedy and lazy are the same language.</summary>
internal sealed record PatternRepeat(PatternNode Body, int Min, int? Max) : PatternGroup([Body]);

/// <summary><c>^</c>: nothing stands before.</summary>
internal sealed record PatternStart : PatternNode
{
    /// <inheritdoc/>
    public override bool HasAssertion => true;

    /// <inheritdoc/>
    public override bool HasStart => true;
}

/// <summary><c>$</c>: nothing stands after.</summary>
internal sealed record PatternEnd : PatternNode
{
    /// <inheritdoc/>
    public override bool HasAssertion => true;
}

/// <summary><c>(?=…)</c>, <c>(?!…)</c>: what follows does, or does not, begin with the body.</summary>
internal sealed record PatternLookahead(PatternNode Body, bool Negative) : PatternGroup([Body])
{
    /// <inheritdoc/>
    public override bool HasAssertion => true;
}

/// <summary><c>\b</c>, <c>\B</c>: a word begins or ends here, or does not.</summary>
internal sealed record PatternWordBoundary(bool Negative) : PatternNode
{
    /// <inheritdoc/>
    public override bool HasAssertion => true;

    /// <inheritdoc/>
    public override bool HasWordBoundary => true;
}

/// <summary>A pattern that is malformed, or that uses something no automaton can decide.</summary>
/// <param name="message">What is wrong and where.</param>
internal sealed class PatternException(string message) : Exception(message);
