using System.Text;
using Connector.Decoding;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>Reads a model's vocabulary into Decoding's terms.</summary>
internal static class VocabularyReader
{
    public static Vocabulary Read(ModelHandle model, nint vocabulary, LlamaTokenizer tokenizer)
    {
        var tokens = new VocabularyToken[Llama.TokenCount(vocabulary)];
        Span<byte> buffer = new byte[256];
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = ReadToken(vocabulary, i, ref buffer);
        }

        GC.KeepAlive(model);
        var begin = Llama.BeginOfSequence(vocabulary);
        return new Vocabulary(tokens, tokenizer, begin < 0 ? null : begin, begin >= 0 && Llama.AddsBeginOfSequence(vocabulary));
    }

    private static VocabularyToken ReadToken(nint vocabulary, int token, ref Span<byte> buffer)
    {
        var attributes = Llama.GetAttributes(vocabulary, token);
        var kinds =
            (attributes.HasFlag(TokenAttributes.Control) ? TokenKinds.Control : TokenKinds.None)
            | (attributes.HasFlag(TokenAttributes.Byte) ? TokenKinds.Byte : TokenKinds.None)
            | ((attributes & (TokenAttributes.Unknown | TokenAttributes.Unused)) != TokenAttributes.None ? TokenKinds.Unused : TokenKinds.None)
            | (Llama.IsEndOfGeneration(vocabulary, token) ? TokenKinds.EndOfGeneration : TokenKinds.None);
        var piece = kinds.HasFlag(TokenKinds.Control) ? [] : Piece(vocabulary, token, special: false, ref buffer).ToArray();
        var written = Encoding.UTF8.GetString(Piece(vocabulary, token, special: true, ref buffer));
        return new VocabularyToken(piece, written, kinds);
    }

    private static unsafe ReadOnlySpan<byte> Piece(nint vocabulary, int token, bool special, ref Span<byte> buffer)
    {
        while (true)
        {
            fixed (byte* target = buffer)
            {
                var length = Llama.TokenToPiece(vocabulary, token, target, buffer.Length, 0, special);
                if (length >= 0)
                {
                    return buffer[..length];
                }

                buffer = new byte[-length];
            }
        }
    }
}
