using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Connector.LlamaCpp;
using Connector.LlamaCpp.Interop;

namespace Connector.Benchmarks.EndToEnd.Plain;

/// <summary>
/// The least that greedy decoding can be: llama_decode with one token, the largest logit, again. Its own batch, no
/// engine, no sampler, no text.
/// </summary>
internal sealed unsafe class BareLoop(LlamaContext context, int vocabularySize, IReadOnlyList<int> forbidden)
{
    /// <summary>Evaluates the prompt in one call (of at most the context's batch each) and returns the first token.</summary>
    public int Prefill(ReadOnlySpan<int> prompt)
    {
        context.Truncate(0, 0);
        for (var start = 0; start < prompt.Length; start += context.MaxBatchTokens)
        {
            var part = prompt.Slice(start, Math.Min(context.MaxBatchTokens, prompt.Length - start));
            Decode(part, start, isLast: start + part.Length == prompt.Length);
        }

        return Likeliest((prompt.Length - 1) % context.MaxBatchTokens);
    }

    /// <summary>Generates after <see cref="Prefill"/>: <paramref name="answer"/>[0] is its token, the rest is filled in.</summary>
    public void Generate(int promptLength, Span<int> answer)
    {
        for (var i = 1; i < answer.Length; i++)
        {
            Decode(answer.Slice(i - 1, 1), promptLength + i - 1, isLast: true);
            answer[i] = Likeliest(0);
        }
    }

    private void Decode(ReadOnlySpan<int> tokens, int position, bool isLast)
    {
        var count = tokens.Length;
        var sequence = 0;
        Span<int> positions = stackalloc int[count];
        Span<int> counts = stackalloc int[count];
        Span<nint> sequences = stackalloc nint[count];
        Span<byte> outputs = stackalloc byte[count];
        for (var i = 0; i < count; i++)
        {
            positions[i] = position + i;
            counts[i] = 1;
            sequences[i] = (nint)(&sequence);
        }

        outputs[^1] = isLast ? (byte)1 : (byte)0;
        fixed (int* t = tokens, p = positions, c = counts)
        fixed (nint* s = sequences)
        fixed (byte* o = outputs)
        {
            var status = Llama.Decode(context.Handle, new LlamaBatch
            {
                Count = count,
                Tokens = t,
                Positions = p,
                SequenceCounts = c,
                Sequences = (int**)s,
                WantsLogits = o,
            });
            if (status != 0)
            {
                throw new InvalidOperationException($"llama_decode returned {status}.");
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Likeliest(int row)
    {
        var logits = new Span<float>(Llama.GetLogits(context.Handle, row), vocabularySize);
        foreach (var token in forbidden)
        {
            logits[token] = float.NegativeInfinity;
        }

        return TensorPrimitives.IndexOfMax<float>(logits);
    }
}
