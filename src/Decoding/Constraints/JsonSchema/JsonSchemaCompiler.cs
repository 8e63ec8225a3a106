using System.Collections.Immutable;
using System.Text.Json;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>From a JSON Schema to a grammar: normalise, then lower.</summary>
internal static class JsonSchemaCompiler
{
    // Telling the alternatives of oneOf apart may take exponentially many cases; a part of the fuel is tried on it.
    private const int ExactShare = 8;

    /// <summary>Compiles a schema.</summary>
    /// <exception cref="UnsupportedSchemaException">A keyword cannot be compiled.</exception>
    /// <exception cref="ConstraintTooComplexException">The fuel ran out.</exception>
    public static (Grammar Grammar, ImmutableArray<UnenforcedKeyword> Unenforced) Compile(JsonElement schema, JsonSchemaOptions options, ConstraintLimits limits)
    {
        try
        {
            return Compile(schema, options, limits, options.Fuel / ExactShare, isExact: true);
        }
        catch (ConstraintTooComplexException) when (!options.Strict)
        {
            return Compile(schema, options, limits, options.Fuel, isExact: false);
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new ConstraintTooComplexException("The schema nests too deeply.", e);
        }
    }

    private static (Grammar Grammar, ImmutableArray<UnenforcedKeyword> Unenforced) Compile(
        JsonElement schema, JsonSchemaOptions options, ConstraintLimits limits, int fuel, bool isExact)
    {
        var context = new SchemaContext(new RegexSet(limits), options, fuel, isExact);
        var grammar = new Grammar(context.Regexes);
        var document = new SchemaDocument(schema);
        var reader = new KeywordReader(document, context);
        SchemaLowering.Lower(reader.Terms.At(document.Root), reader.Terms, context, grammar, options);
        return (grammar, context.Unenforced);
    }
}
