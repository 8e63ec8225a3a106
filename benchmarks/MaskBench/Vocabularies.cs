using System.Text;
using Connector.Decoding;
using Connector.LlamaCpp;

namespace Connector.Benchmarks.MaskBench;

/// <summary>The vocabularies to run with.</summary>
internal static class Vocabularies
{
    /// <summary>Each byte a token, and one that ends: for judging what is allowed without a model file.</summary>
    public static Vocabulary Bytes()
    {
        var tokens = Enumerable.Range(0, 256)
            .Select(b => new VocabularyToken(new[] { (byte)b }, $"<0x{b:X2}>", TokenKinds.None))
            .Append(new VocabularyToken(ReadOnlyMemory<byte>.Empty, "<end>", TokenKinds.Control | TokenKinds.EndOfGeneration))
            .ToList();
        return new Vocabulary(tokens, new ByteTokenizer());
    }

    /// <summary>The vocabulary of a GGUF file.</summary>
    public static async Task<(Vocabulary Vocabulary, IDisposable Model)> LoadAsync(string path, CancellationToken cancellation)
    {
        var model = await LlamaModel.LoadAsync(path, new LlamaModelOptions { VocabularyOnly = true }, cancellationToken: cancellation);
        return (model.Vocabulary, model);
    }

    private sealed class ByteTokenizer : ITokenizer
    {
        public int[] Tokenize(string text, bool parseSpecial) => [.. Encoding.UTF8.GetBytes(text).Select(b => (int)b)];
    }
}
