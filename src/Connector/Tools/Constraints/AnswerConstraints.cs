using Connector.Decoding;
using Connector.Decoding.Constraints;
using Microsoft.Extensions.Logging;

namespace Connector.Tools.Constraints;

/// <summary>
/// The constraints of answers, each compiled once. What of a schema cannot be enforced is told once, when it is compiled: as a warning
/// in the log, or as an error where schemas are to be enforced strictly. Thread-safe.
/// </summary>
internal sealed partial class AnswerConstraints(ILogger logger, bool isStrict)
{
    private readonly ConstraintCache _cache = new();

    /// <summary>The constraint of an answer under rules.</summary>
    /// <exception cref="NotSupportedException">A schema cannot be enforced, or not wholly where that is asked for.</exception>
    public CompiledConstraint Get(AnswerRules rules, Vocabulary vocabulary) => _cache.GetOrCompile(rules.ToKey(), vocabulary, v =>
    {
        var constraint = AnswerGrammar.Compile(rules, v);
        if (isStrict && constraint.Unenforced is [_, ..] all)
        {
            throw new UnsupportedSchemaException($"These keywords cannot be enforced: {string.Join("; ", all.Select(u => $"'{u.Keyword}' at '{u.Path}' ({u.Reason})"))}.");
        }

        foreach (var unenforced in constraint.Unenforced)
        {
            LogUnenforced(logger, unenforced.Keyword, unenforced.Path, unenforced.Reason);
        }

        return constraint;
    });

    /// <summary>The constraint of an answer that matches a GBNF grammar.</summary>
    /// <exception cref="ArgumentException">The grammar is broken.</exception>
    public CompiledConstraint Get(string grammar, Vocabulary vocabulary) =>
        _cache.GetOrCompile("gbnf\n" + grammar, vocabulary, v => ConstraintCompiler.CompileGbnf(grammar, v));

    [LoggerMessage(LogLevel.Warning, "An answer's schema has '{Keyword}' at '{Pointer}', which is not enforced: {Reason}.")]
    private static partial void LogUnenforced(ILogger logger, string keyword, string pointer, string reason);
}
