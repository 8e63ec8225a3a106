using System.Text;

namespace Connector.Decoding.Tests.Constraints.Support;

/// <summary>Small vocabularies for tests.</summary>
internal static class Vocabularies
{
    /// <summary>Tokens for these texts; control tokens are written in angle brackets, those that start with <c>&lt;end</c> end a generation.</summary>
    public static Vocabulary Of(params IEnumerable<string> pieces) => Of(pieces.Select(Token));

    /// <summary>A vocabulary whose tokenizer takes the longest token at each place.</summary>
    public static Vocabulary Of(IEnumerable<VocabularyToken> tokens)
    {
        VocabularyToken[] all = [.. tokens];
        return new Vocabulary(all, new LongestMatch(all));
    }

    /// <summary>All bytes as tokens, an end token, a control token, and random strings of <paramref name="alphabet"/>.</summary>
    public static Vocabulary Random(Random random, string alphabet, int count)
    {
        List<VocabularyToken> tokens = [Token("<end>"), Token("<tool>"), Token("<end2>")];
        for (var b = 0; b < 256; b++)
        {
            tokens.Add(new VocabularyToken(new[] { (byte)b }, $"<0x{b:X2}>", TokenKinds.Byte));
        }

        for (var i = 0; i < count; i++)
        {
            var length = 1 + random.Next(4);
            tokens.Add(Token(string.Concat(Enumerable.Range(0, length).Select(_ => alphabet[random.Next(alphabet.Length)]))));
        }

        tokens.Add(new VocabularyToken(default, "", TokenKinds.Unused));
        return Of(tokens);
    }

    public static VocabularyToken Token(string text) => text is ['<', .., '>'] && text.Length > 2
        ? new VocabularyToken(default, text, TokenKinds.Control | (text.StartsWith("<end", StringComparison.Ordinal) ? TokenKinds.EndOfGeneration : TokenKinds.None))
        : new VocabularyToken(Encoding.UTF8.GetBytes(text), text, TokenKinds.None);

    private sealed class LongestMatch(VocabularyToken[] tokens) : ITokenizer
    {
        public int[] Tokenize(string text, bool parseSpecial)
        {
            var bytes = Encoding.UTF8.GetBytes(text).AsSpan();
            var result = new List<int>();
            while (bytes.Length > 0)
            {
                var best = -1;
                for (var t = 0; t < tokens.Length; t++)
                {
                    var piece = tokens[t].Piece.Span;
                    if (piece.Length > 0 && bytes.StartsWith(piece) && (best < 0 || piece.Length > tokens[best].Piece.Length))
                    {
                        best = t;
                    }
                }

                result.Add(best);
                bytes = bytes[tokens[best].Piece.Length..];
            }

            return [.. result];
        }
    }
}
