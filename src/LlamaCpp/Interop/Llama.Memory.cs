using System.Runtime.InteropServices;

namespace Connector.LlamaCpp.Interop;

/// <summary>llama.h: the memory of a context, a pointer that lives as long as the context.</summary>
internal static unsafe partial class Llama
{
    [LibraryImport(Library, EntryPoint = "llama_get_memory")]
    public static partial nint GetMemory(ContextHandle context);

    [LibraryImport(Library, EntryPoint = "llama_memory_clear")]
    public static partial void ClearMemory(nint memory, [MarshalAs(UnmanagedType.U1)] bool data);

    [LibraryImport(Library, EntryPoint = "llama_memory_seq_rm")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool RemoveFromSequence(nint memory, int sequence, int start, int end);

    [LibraryImport(Library, EntryPoint = "llama_memory_seq_cp")]
    public static partial void CopySequence(nint memory, int source, int target, int start, int end);

    [LibraryImport(Library, EntryPoint = "llama_memory_seq_add")]
    public static partial void ShiftSequence(nint memory, int sequence, int start, int end, int delta);

    [LibraryImport(Library, EntryPoint = "llama_memory_seq_pos_min")]
    public static partial int FirstPosition(nint memory, int sequence);

    [LibraryImport(Library, EntryPoint = "llama_memory_seq_pos_max")]
    public static partial int LastPosition(nint memory, int sequence);

    [LibraryImport(Library, EntryPoint = "llama_memory_can_shift")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool CanShift(nint memory);
}
