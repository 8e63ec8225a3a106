using System.Text;
using Connector.Decoding;

namespace Connector.Tests.Templates;

/// <summary>A vocabulary of single bytes and named control tokens, for tests about who may write which token.</summary>
internal static class ToyVocabulary
{
    public const int Begin = 256;

    /// <summary>Bytes 0–255, then <c>&lt;BOS&gt;</c> and the given control tokens from 257 on.</summary>
    public static Vocabulary Create(bool addsBegin, params string[] controls)
    {
        string[] names = ["<BOS>", .. controls];
        var tokens = Enumerable.Range(0, 256)
            .Select(b => new VocabularyToken(new[] { (byte)b }, ((char)b).ToString(), TokenKinds.None))
            .Concat(names.Select(n => new VocabularyToken(ReadOnlyMemory<byte>.Empty, n, TokenKinds.Control)))
            .ToList();
        return new Vocabulary(tokens, new Tokenizer(names), Begin, addsBegin);
    }

    /// <summary>A name that eats the white space after it, as Phi 3's control tokens do.</summary>
    public const string Eater = "<|eater|>";

    private sealed class Tokenizer(string[] controls) : ITokenizer
    {
        public int[] Tokenize(string text, bool parseSpecial)
        {
            var result = new List<int>();
            for (var i = 0; i < text.Length;)
            {
                var control = parseSpecial ? Array.FindIndex(controls, c => string.CompareOrdinal(text, i, c, 0, c.Length) == 0) : -1;
                if (control >= 0)
                {
                    result.Add(Begin + control);
                    i += controls[control].Length;
                    while (controls[control] == Eater && i < text.Length && char.IsWhiteSpace(text[i]))
                    {
                        i++;
                    }

                    continue;
                }

                var width = char.IsSurrogatePair(text, i) ? 2 : 1;
                result.AddRange(Encoding.UTF8.GetBytes(text.Substring(i, width)).Select(b => (int)b));
                i += width;
            }

            return [.. result];
        }
    }
}
