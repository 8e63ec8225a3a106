using System.Text.Json;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.JsonSchema;
using Connector.Decoding.Constraints.Lexing;
using Connector.Decoding.Constraints.Patterns;

namespace Connector.Decoding.Constraints;

/// <summary>
/// Turns descriptions of texts into constraints over the tokens of a vocabulary. Compiling is pure and thread-safe;
/// what it returns is immutable and meant to be shared.
/// </summary>
public static partial class ConstraintCompiler
{
    private static readonly JsonElement AnyObject = JsonDocument.Parse("""{"type":"object"}""").RootElement;

    /// <summary>
    /// Compiles a JSON Schema of draft 4, 6, 7, 2019-09 or 2020-12, as its <c>$schema</c> says, 2020-12 by default:
    /// the constraint allows JSON texts that the schema accepts. Keywords that cannot be enforced are listed in
    /// <see cref="CompiledConstraint.Unenforced"/>.
    /// </summary>
    /// <param name="schema">The schema; may be disposed of afterwards.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="options">How strict, in which order, with which white space. Default: <see cref="JsonSchemaOptions.Default"/>.</param>
    /// <param name="limits">How large the tables may become. Default: <see cref="ConstraintLimits.Default"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="vocabulary"/> is null.</exception>
    /// <exception cref="UnsupportedSchemaException">A keyword cannot be compiled.</exception>
    /// <exception cref="UnsatisfiableConstraintException">The schema accepts nothing.</exception>
    /// <exception cref="ConstraintTooComplexException">The schema takes more work than the options allow.</exception>
    public static CompiledConstraint Compile(JsonElement schema, Vocabulary vocabulary, JsonSchemaOptions? options = null, ConstraintLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var (grammar, unenforced) = JsonSchemaCompiler.Compile(schema, options ?? JsonSchemaOptions.Default, limits ?? ConstraintLimits.Default);
        return CompiledConstraint.Create(grammar, vocabulary, limits, unenforced);
    }

    /// <summary>Compiles the constraint to any one JSON object, as a "JSON mode" asks.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="options">The white space. Default: <see cref="JsonSchemaOptions.Default"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="vocabulary"/> is null.</exception>
    public static CompiledConstraint CompileJsonObject(Vocabulary vocabulary, JsonSchemaOptions? options = null) =>
        Compile(AnyObject, vocabulary, options);

    /// <summary>
    /// Compiles an ECMA-262 regular expression: the constraint allows the texts that it matches from beginning to end.
    /// </summary>
    /// <param name="pattern">The expression, without slashes; reads code points, knows no back references and lookbehinds.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="limits">How large the tables may become. Default: <see cref="ConstraintLimits.Default"/>.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="FormatException">The expression is malformed or uses something that is not supported.</exception>
    /// <exception cref="UnsatisfiableConstraintException">The expression matches nothing.</exception>
    public static CompiledConstraint CompileRegex(string pattern, Vocabulary vocabulary, ConstraintLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(vocabulary);
        var regexes = new RegexSet(limits);
        try
        {
            return Single(regexes, new PatternCompiler(new Utf8Text(regexes)).FullMatch(pattern), vocabulary, limits);
        }
        catch (PatternException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>Compiles the constraint to exactly one of some texts.</summary>
    /// <param name="choices">The texts, at least one.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="UnsatisfiableConstraintException">There are no choices.</exception>
    public static CompiledConstraint CompileChoices(IEnumerable<string> choices, Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(choices);
        ArgumentNullException.ThrowIfNull(vocabulary);
        var regexes = new RegexSet();
        var literals = regexes.Literals(choices.Select(c => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(c)));
        return Single(regexes, literals, vocabulary, null);
    }

    private static CompiledConstraint Single(RegexSet regexes, Regex regex, Vocabulary vocabulary, ConstraintLimits? limits)
    {
        var grammar = new Grammar(regexes);
        grammar.Start = grammar.Lexeme(regex);
        return CompiledConstraint.Create(grammar, vocabulary, limits);
    }
}
