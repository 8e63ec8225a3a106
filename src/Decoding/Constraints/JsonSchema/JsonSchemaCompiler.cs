using System.Collections.Immutable;
using System.Text.Json;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>From a JSON Schema to a grammar: normalise, then lower.</summary>
internal static class JsonSchemaCompiler
{
    /// <summary>Compiles a schema.</summary>
    /// <exception cref="UnsupportedSchemaException">A keyword cannot be compiled.</exception>
    /// <exception cref="ConstraintTooComplexException">The fuel ran out.</exception>
    public static (Grammar Grammar, ImmutableArray<UnenforcedKeyword> Unenforced) Compile(JsonElement schema, JsonSchemaOptions options, ConstraintLimits limits)
    {
        var regexes = new RegexSet(limits);
        var grammar = new Grammar(regexes);
        var (start, unenforced) = Add(grammar, schema, options);
        grammar.Start = start;
        return (grammar, unenforced);
    }

    /// <summary>Adds the texts of a schema to a grammar and returns their symbol; a grammar may hold several schemas.</summary>
    /// <exception cref="UnsupportedSchemaException">A keyword cannot be compiled.</exception>
    /// <exception cref="ConstraintTooComplexException">The fuel ran out.</exception>
    public static (Symbol Start, ImmutableArray<UnenforcedKeyword> Unenforced) Add(Grammar grammar, JsonElement schema, JsonSchemaOptions options)
    {
        var context = new SchemaContext(grammar.Regexes, options);
        var outer = grammar.Start;
        try
        {
            var document = new SchemaDocument(schema);
            var reader = new KeywordReader(document, context);
            SchemaLowering.Lower(reader.Terms.At(document.Root), reader.Terms, context, grammar, options);
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new ConstraintTooComplexException("The schema nests too deeply.", e);
        }

        var start = grammar.Start;
        grammar.Start = outer;
        return (start, context.Unenforced);
    }
}
