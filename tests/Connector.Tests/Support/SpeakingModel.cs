using System.Text;
using Connector.Decoding;

namespace Connector.Tests.Support;

/// <summary>
/// A model that says what a function of the prompt tells it to, a byte a token, and then ends. Its prompts are ChatML;
/// its tokens are the 256 bytes and three control tokens. What it would say shows in its logits, so constraints and
/// penalties work on it as on any other.
/// </summary>
internal sealed class SpeakingModel(Func<string, string> answer, int contextLength = 4096) : ILanguageModel
{
    public const int Start = 256;
    public const int End = 257;

    public string Name { get; init; } = "speaking";

    public Vocabulary Vocabulary { get; } = MakeVocabulary();

    public int TrainedContextLength => contextLength;

    public bool IsDisposed { get; private set; }

    /// <summary>Called with every batch before it is evaluated, on the engine's thread.</summary>
    public Action<TokenBatch> Evaluating { get; set; } = _ => { };

    public IModelContext CreateContext(ContextOptions options) => new Context(this, options);

    public void Dispose() => IsDisposed = true;

    /// <summary>The token after these: the next byte of the answer to what stands before the assistant's last turn.</summary>
    private int Next(ReadOnlySpan<int> tokens)
    {
        var turn = tokens.LastIndexOf(Start);
        var promptLength = turn < 0 ? tokens.Length : Math.Min(tokens.Length, turn + 1 + "assistant\n".Length);
        var bytes = Encoding.UTF8.GetBytes(answer(Vocabulary.Decode(tokens[..promptLength], writeControl: true)));
        var spoken = tokens.Length - promptLength;
        return spoken < bytes.Length ? bytes[spoken] : End;
    }

    private static Vocabulary MakeVocabulary()
    {
        var tokens = Enumerable.Range(0, 256).Select(b => new VocabularyToken(new[] { (byte)b }, $"<0x{b:X2}>", TokenKinds.Byte)).ToList();
        tokens.Add(new VocabularyToken(Array.Empty<byte>(), "<|im_start|>", TokenKinds.Control));
        tokens.Add(new VocabularyToken(Array.Empty<byte>(), "<|im_end|>", TokenKinds.Control | TokenKinds.EndOfGeneration));
        return new Vocabulary(tokens, new ByteTokenizer());
    }

    private sealed class ByteTokenizer : ITokenizer
    {
        public int[] Tokenize(string text, bool parseSpecial)
        {
            var tokens = new List<int>();
            for (var i = 0; i < text.Length;)
            {
                var control = parseSpecial ? Control(text.AsSpan(i)) : null;
                if (control is { } found)
                {
                    tokens.Add(found.Token);
                    i += found.Length;
                }
                else
                {
                    var length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                    tokens.AddRange(Encoding.UTF8.GetBytes(text, i, length).Select(b => (int)b));
                    i += length;
                }
            }

            return [.. tokens];
        }

        private static (int Token, int Length)? Control(ReadOnlySpan<char> text) =>
            text.StartsWith("<|im_start|>", StringComparison.Ordinal) ? (Start, 12)
            : text.StartsWith("<|im_end|>", StringComparison.Ordinal) ? (End, 10)
            : null;
    }

    private sealed class Context(SpeakingModel model, ContextOptions options) : IModelContext
    {
        private readonly List<int>[] _sequences = [.. Enumerable.Range(0, options.MaxSequences).Select(_ => new List<int>())];
        private readonly Dictionary<int, float[]> _logits = [];

        public int Capacity { get; } = options.Capacity ?? model.TrainedContextLength;

        public int MaxSequences => options.MaxSequences;

        public int MaxBatchTokens => options.MaxBatchTokens;

        public int MaxOutputs => options.MaxOutputs;

        public MemoryCapabilities Memory => MemoryCapabilities.Rewind | MemoryCapabilities.Tree | MemoryCapabilities.PartialCopy;

        public void Evaluate(TokenBatch batch, CancellationToken cancellationToken = default)
        {
            model.Evaluating(batch);
            cancellationToken.ThrowIfCancellationRequested();
            _logits.Clear();
            for (var row = 0; row < batch.Count; row++)
            {
                foreach (var sequence in batch.Sequences(row))
                {
                    Assert.Equal(_sequences[sequence].Count, batch.Positions[row]);
                    _sequences[sequence].Add(batch.Tokens[row]);
                }

                if (batch.WantsLogits[row])
                {
                    // Where it may not say what it wants, it comes to an end soon: brackets and quotes close first.
                    var logits = new float[model.Vocabulary.Count];
                    (logits['}'], logits[']'], logits['"']) = (3, 3, 2);
                    logits[model.Next(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_sequences[batch.Sequences(row)[0]]))] = 100;
                    _logits[row] = logits;
                }
            }
        }

        public Span<float> Logits(int row) => _logits[row];

        public ReadOnlySpan<float> Hidden(int row) => throw new InvalidOperationException("This model has no hidden states.");

        public void CopySequence(int source, int target, int start = 0, int end = -1)
        {
            var from = _sequences[source];
            var copied = from[start..(end < 0 ? from.Count : Math.Min(end, from.Count))];
            Assert.Equal(_sequences[target].Count, start);
            _sequences[target].AddRange(copied);
        }

        public bool Truncate(int sequence, int start, int end = -1)
        {
            var tokens = _sequences[sequence];
            if (start < tokens.Count)
            {
                tokens.RemoveRange(start, (end < 0 ? tokens.Count : Math.Min(end, tokens.Count)) - start);
            }

            return true;
        }

        public void ShiftPositions(int sequence, int start, int end, int delta) => throw new NotSupportedException();

        public void SaveSequence(int sequence, Stream target) => throw new NotSupportedException();

        public void LoadSequence(int sequence, Stream source) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
