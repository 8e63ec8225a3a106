using Connector.Decoding;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>The numbered sequences of a context's memory. This one lets libllama place cells where it finds room.</summary>
internal class SequenceMemory(ContextHandle context)
{
    protected ContextHandle Context { get; } = context;

    /// <summary>libllama's memory object; lives as long as the context.</summary>
    protected nint Native { get; } = Llama.GetMemory(context);

    public virtual void Copy(int source, int target, int start, int end) => Llama.CopySequence(Native, source, target, start, end);

    public virtual bool Truncate(int sequence, int start, int end) => Llama.RemoveFromSequence(Native, sequence, start, end);

    public virtual void Shift(int sequence, int start, int end, int delta) => Llama.ShiftSequence(Native, sequence, start, end, delta);

    /// <summary>Called before a batch is evaluated.</summary>
    public virtual void Prepare() { }

    /// <summary>Called where there was no room for a batch: true where room was made and the batch is to be tried again.</summary>
    public virtual bool MakeRoom() => false;

    /// <summary>Called once a batch is in the memory.</summary>
    public virtual void Append(TokenBatch batch) { }

    /// <summary>Called where the evaluation of a batch failed half way.</summary>
    public virtual void Interrupted(TokenBatch batch) { }

    /// <summary>Replaces a sequence by a saved state; false where it does not fit.</summary>
    public virtual bool Restore(int sequence, ReadOnlySpan<byte> state) => SetState(sequence, state);

    protected unsafe bool SetState(int sequence, ReadOnlySpan<byte> state)
    {
        fixed (byte* bytes = state)
        {
            return Llama.SetSequenceState(Context, bytes, (nuint)state.Length, sequence) != 0;
        }
    }

    /// <summary>A sequence's state; null where libllama fails.</summary>
    public unsafe byte[]? GetState(int sequence)
    {
        var state = new byte[checked((int)Llama.SequenceStateSize(Context, sequence))];
        fixed (byte* bytes = state)
        {
            return (int)Llama.GetSequenceState(Context, bytes, (nuint)state.Length, sequence) == state.Length ? state : null;
        }
    }
}
