using System.Collections.Immutable;

namespace Connector.Decoding.Constraints.Patterns;

/// <summary>A parsed pattern: a regular expression over code points with ECMA-262's assertions.</summary>
internal abstract record PatternNode
{
    /// <summary>Matches the empty string.</summary>
    public static PatternNode Nothing { get; } = new PatternSequence([]);
}

/// <summary>One code point of a set.</summary>
internal sealed record PatternSet(CodePointSet Set) : PatternNode;

/// <summary>One after the other.</summary>
internal sealed record PatternSequence(ImmutableArray<PatternNode> Items) : PatternNode;

/// <summary>One of several.</summary>
internal sealed record PatternChoice(ImmutableArray<PatternNode> Options) : PatternNode;

/// <summary>A body repeated; null as <paramref name="Max"/>: without end. Greedy and lazy are the same language.</summary>
internal sealed record PatternRepeat(PatternNode Body, int Min, int? Max) : PatternNode;

/// <summary><c>^</c>: nothing stands before.</summary>
internal sealed record PatternStart : PatternNode;

/// <summary><c>$</c>: nothing stands after.</summary>
internal sealed record PatternEnd : PatternNode;

/// <summary><c>(?=…)</c>, <c>(?!…)</c>: what follows does, or does not, begin with the body.</summary>
internal sealed record PatternLookahead(PatternNode Body, bool Negative) : PatternNode;

/// <summary><c>\b</c>, <c>\B</c>: a word begins or ends here, or does not.</summary>
internal sealed record PatternWordBoundary(bool Negative) : PatternNode;

/// <summary>A pattern that is malformed, or that uses something no automaton can decide.</summary>
/// <param name="message">What is wrong and where.</param>
internal sealed class PatternException(string message) : Exception(message);
