using System.Collections.Immutable;
using Connector.Decoding.Constraints.Grammars;

namespace Connector.Decoding.Constraints;

/// <summary>
/// A grammar over the tokens of a vocabulary. Its tables grow as texts reach into them, up to
/// <see cref="ConstraintLimits"/>; whatever they hold is shared by all requests. Thread-safe.
/// </summary>
public sealed partial class CompiledConstraint : ITokenConstraint
{
    /// <summary>The vocabulary whose tokens are constrained.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>What the source asks for and this constraint does not check.</summary>
    public ImmutableArray<UnenforcedKeyword> Unenforced { get; }

    /// <summary>Compiles a grammar.</summary>
    /// <param name="grammar">The grammar; not to be changed afterwards.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="limits">How large the tables may become. Default: <see cref="ConstraintLimits.Default"/>.</param>
    /// <param name="unenforced">What the front end could not express.</param>
    /// <exception cref="ConstraintTooComplexException">The grammar exceeds the limits.</exception>
    /// <exception cref="UnsatisfiableConstraintException">No text at all is of the language.</exception>
    internal static CompiledConstraint Create(
        Grammar grammar,
        Vocabulary vocabulary,
        ConstraintLimits? limits = null,
        ImmutableArray<UnenforcedKeyword> unenforced = default) =>
        new(grammar, vocabulary, limits ?? ConstraintLimits.Default, unenforced.IsDefault ? [] : unenforced);

    private CompiledConstraint(Grammar grammar, Vocabulary vocabulary, ConstraintLimits limits, ImmutableArray<UnenforcedKeyword> unenforced)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(limits);
        Vocabulary = vocabulary;
        Unenforced = unenforced;
    }

    /// <inheritdoc/>
    public ConstraintState Start => throw new NotSupportedException();

    /// <inheritdoc/>
    public bool TryAdvance(ref ConstraintState state, int token) => throw new NotSupportedException();

    /// <inheritdoc/>
    public TokenMask Mask(in ConstraintState state) => throw new NotSupportedException();

    /// <inheritdoc/>
    public int ForcedTokens(in ConstraintState state, Span<int> tokens) => throw new NotSupportedException();

    /// <inheritdoc/>
    public bool IsComplete(in ConstraintState state) => throw new NotSupportedException();
}
