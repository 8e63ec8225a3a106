using System.Text;
using System.Text.Json;
using Connector.Decoding.Constraints;

namespace Connector.Decoding.Tests.Constraints.JsonSchema;

/// <summary>Compiles schemas over single bytes and asks what they accept.</summary>
internal static class SchemaTester
{
    private static readonly Lazy<Vocabulary> LazyBytes = new(MakeBytes);

    /// <summary>Each byte a token, and an end token.</summary>
    public static Vocabulary Bytes => LazyBytes.Value;

    public static CompiledConstraint Compile(string schema, JsonSchemaOptions? options = null) =>
        ConstraintCompiler.Compile(JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = 2000 }).RootElement, Bytes, options);

    public static bool Accepts(string schema, string text, JsonSchemaOptions? options = null) => Compile(schema, options).Accepts(text);

    /// <summary>Whether every byte of a text is allowed and the text may end there.</summary>
    public static bool Accepts(this ITokenConstraint constraint, string text)
    {
        var state = constraint.Start;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (!constraint.TryAdvance(ref state, value))
            {
                return false;
            }
        }

        return constraint.IsComplete(state);
    }

    private static Vocabulary MakeBytes()
    {
        var tokens = Enumerable.Range(0, 256)
            .Select(b => new VocabularyToken(new[] { (byte)b }, $"<0x{b:X2}>", TokenKinds.None))
            .Append(new VocabularyToken(ReadOnlyMemory<byte>.Empty, "<end>", TokenKinds.Control | TokenKinds.EndOfGeneration))
            .ToList();
        return new Vocabulary(tokens, new ByteTokenizer());
    }

    private sealed class ByteTokenizer : ITokenizer
    {
        public int[] Tokenize(string text, bool parseSpecial) => [.. Encoding.UTF8.GetBytes(text).Select(b => (int)b)];
    }
}
