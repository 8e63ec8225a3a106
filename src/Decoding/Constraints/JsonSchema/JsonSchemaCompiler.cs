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
        var grammar = new Grammar(new RegexSet(limits));
        var (start, unenforced) = Add(grammar, schema, options);
        grammar.Start = start;
        return (grammar, unenforced);
    }

    /// <summary>Adds the texts of a schema to a grammar and returns their symbol; a grammar may hold several schemas.</summary>
    /// <exception cref="UnsupportedSchemaException">A keyword cannot be compiled.</exception>
    /// <exception cref="ConstraintTooComplexException">The fuel ran out.</exception>
    public static (Symbol Start, ImmutableArray<UnenforcedKeyword> Unenforced) Add(Grammar grammar, JsonElement schema, JsonSchemaOptions options)
    {
        try
        {
            // What an attempt that runs out of fuel leaves in the grammar is reached from nowhere.
            return Add(grammar, schema, options, options.Fuel / ExactShare, isExact: true);
        }
        catch (ConstraintTooComplexException) when (!options.Strict)
        {
            return Add(grammar, schema, options, options.Fuel, isExact: false);
        }
    }

    private static (Symbol Start, ImmutableArray<UnenforcedKeyword> Unenforced) Add(
        Grammar grammar, JsonElement schema, JsonSchemaOptions options, int fuel, bool isExact)
    {
        var context = new SchemaContext(grammar.Regexes, options, fuel, isExact);
        var outer = grammar.Start;
        try
        {
            var document = new SchemaDocument(schema);
            var reader = new KeywordReader(document, context);
            SchemaLowering.Lower(reader.Terms.At(document.Root), reader.Terms, context, grammar, options);
            return (grammar.Start, context.Unenforced);
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new ConstraintTooComplexException("The schema nests too deeply.", e);
        }
        finally
        {
            grammar.Start = outer;
        }
    }
}
