using Connector.Decoding;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>
/// Finds out what a model's memory allows by trying it on a fresh context, which is left empty: append, cut off the end,
/// then a tree of two leaves. Doubles as the first touch of the weights.
/// </summary>
internal static class MemoryProbe
{
    public static MemoryCapabilities Run(ContextHandle context, ModelHandle model, int maxSequences, int maxBatchTokens, int token)
    {
        var memory = Llama.GetMemory(context);
        var batch = new TokenBatch(maxBatchTokens);
        var native = new NativeBatch(maxBatchTokens);
        var found = MemoryCapabilities.None;
        try
        {
            for (var position = 0; position < 2; position++)
            {
                batch.Clear();
                batch.Add(token, position, 0, true);
                if (native.Decode(context, batch) != 0)
                {
                    throw new ModelEvaluationException($"The model cannot evaluate a single token.{NativeLog.DescribeError()}");
                }
            }

            if (Llama.RemoveFromSequence(memory, 0, 1, -1))
            {
                found |= MemoryCapabilities.Rewind;
            }

            // Recurrent states are whole: they are neither shared by the lanes of a tree nor copied in part.
            if (!Llama.IsRecurrent(model) && !Llama.IsHybrid(model))
            {
                found |= MemoryCapabilities.PartialCopy;
                found |= found.HasFlag(MemoryCapabilities.Rewind) && CanBranch(context, memory, batch, native, maxSequences, token)
                    ? MemoryCapabilities.Tree
                    : MemoryCapabilities.None;
            }

            // A recurrent state has no positions to shift, which libllama counts as being able to.
            return found | (found.HasFlag(MemoryCapabilities.Rewind) && Llama.CanShift(memory) ? MemoryCapabilities.Shift : MemoryCapabilities.None);
        }
        finally
        {
            Llama.ClearMemory(memory, data: true);
        }
    }

    // Position 0 is committed; the batch is a root with two children.
    private static bool CanBranch(ContextHandle context, nint memory, TokenBatch batch, NativeBatch native, int maxSequences, int token)
    {
        if (maxSequences < 2 || batch.Capacity < 3)
        {
            return true;
        }

        Llama.CopySequence(memory, 0, 1, -1, -1);
        batch.Clear();
        batch.Add(token, 1, [0, 1], false);
        batch.Add(token, 2, 0, false);
        batch.Add(token, 2, 1, true);
        return native.Decode(context, batch) == 0 && Llama.RemoveFromSequence(memory, 1, 1, -1);
    }
}
