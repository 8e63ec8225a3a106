using System.Buffers;
using System.Text;
using Connector.Decoding;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>libllama's tokenizer. Thread-safe, and safe against the model being disposed meanwhile.</summary>
internal sealed class LlamaTokenizer(ModelHandle model, nint vocabulary) : ITokenizer
{
    /// <inheritdoc/>
    public int[] Tokenize(string text, bool parseSpecial) => Tokenize(text, addSpecial: false, parseSpecial);

    /// <summary>Tokenises text, with the begin and end tokens that the model asks for or without.</summary>
    public unsafe int[] Tokenize(string text, bool addSpecial, bool parseSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length) + 1);
        var tokens = ArrayPool<int>.Shared.Rent(Math.Max(16, text.Length + 8));
        var holds = false;
        try
        {
            model.DangerousAddRef(ref holds);
            var length = Encoding.UTF8.GetBytes(text, bytes);
            var count = Call();
            if (count < 0 && count != int.MinValue)
            {
                ArrayPool<int>.Shared.Return(tokens);
                tokens = ArrayPool<int>.Shared.Rent(-count);
                count = Call();
            }

            return count >= 0 ? tokens.AsSpan(0, count).ToArray() : throw new ArgumentException("The text is too long to be tokenised.", nameof(text));

            int Call()
            {
                fixed (byte* input = bytes)
                fixed (int* output = tokens)
                {
                    return Llama.Tokenize(vocabulary, input, length, output, tokens.Length, addSpecial, parseSpecial);
                }
            }
        }
        finally
        {
            if (holds)
            {
                model.DangerousRelease();
            }

            ArrayPool<int>.Shared.Return(tokens);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
