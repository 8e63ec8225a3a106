using Connector.Decoding.Constraints.Gbnf;

namespace Connector.Decoding.Constraints;

/// <content>Grammars in the format of llama.cpp.</content>
public static partial class ConstraintCompiler
{
    /// <summary>
    /// Compiles a grammar in llama.cpp's GBNF format (its grammars/README.md). Beyond llama.cpp, left recursion is
    /// allowed and repetitions have no limit.
    /// </summary>
    /// <param name="grammar">The grammar.</param>
    /// <param name="vocabulary">The tokens; token expressions such as <c>&lt;think&gt;</c> are looked up in it.</param>
    /// <param name="root">The rule that the whole text must match. Default: <c>root</c>.</param>
    /// <param name="limits">How large the tables may become. Default: <see cref="ConstraintLimits.Default"/>.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="FormatException">The text is no grammar, or a rule is missing; the message tells where.</exception>
    /// <exception cref="UnsatisfiableConstraintException">The grammar derives no text.</exception>
    /// <exception cref="ConstraintTooComplexException">The grammar exceeds the limits, or is nested too deeply.</exception>
    public static CompiledConstraint CompileGbnf(string grammar, Vocabulary vocabulary, string root = "root", ConstraintLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(root);
        try
        {
            return CompiledConstraint.Create(GbnfLowering.Lower(grammar, root, vocabulary, limits), vocabulary, limits);
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new ConstraintTooComplexException("The grammar is nested too deeply.", e);
        }
    }
}
