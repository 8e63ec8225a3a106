using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Connector.Decoding;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>Lends a <see cref="TokenBatch"/>'s arrays to libllama. Reused from call to call, so that a call allocates nothing.</summary>
internal sealed unsafe class NativeBatch
{
    private readonly int[] _sequenceCounts;
    private readonly nint[] _sequencePointers;

    public NativeBatch(int capacity)
    {
        _sequenceCounts = GC.AllocateUninitializedArray<int>(capacity, pinned: true);
        _sequencePointers = GC.AllocateUninitializedArray<nint>(capacity, pinned: true);
    }

    /// <summary>Evaluates a batch; the result is llama_decode's.</summary>
    public int Decode(ContextHandle context, TokenBatch batch)
    {
        fixed (int* tokens = batch.Tokens)
        fixed (int* positions = batch.Positions)
        fixed (bool* outputs = batch.WantsLogits)
        fixed (int* sequences = batch.Sequences(0))
        {
            // The rows' sequences stand one after another in one array.
            var next = sequences;
            for (var row = 0; row < batch.Count; row++)
            {
                var count = batch.Sequences(row).Length;
                _sequenceCounts[row] = count;
                _sequencePointers[row] = (nint)next;
                next += count;
            }

            return Llama.Decode(context, new LlamaBatch
            {
                Count = batch.Count,
                Tokens = tokens,
                Positions = positions,
                SequenceCounts = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_sequenceCounts)),
                Sequences = (int**)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_sequencePointers)),
                WantsLogits = (byte*)outputs,
            });
        }
    }
}
