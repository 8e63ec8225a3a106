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
        var context = new SchemaContext(new RegexSet(limits), options);
        var grammar = new Grammar(context.Regexes);
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

        return (grammar, context.Unenforced);
    }
}
