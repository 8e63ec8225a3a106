using System.Runtime.InteropServices;

namespace Connector.LlamaCpp.Interop;

/// <summary>llama.h: the state of one sequence as bytes.</summary>
internal static unsafe partial class Llama
{
    [LibraryImport(Library, EntryPoint = "llama_state_seq_get_size")]
    public static partial nuint SequenceStateSize(ContextHandle context, int sequence);

    [LibraryImport(Library, EntryPoint = "llama_state_seq_get_data")]
    public static partial nuint GetSequenceState(ContextHandle context, byte* target, nuint size, int sequence);

    [LibraryImport(Library, EntryPoint = "llama_state_seq_set_data")]
    public static partial nuint SetSequenceState(ContextHandle context, byte* source, nuint size, int sequence);
}
