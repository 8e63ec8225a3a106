using System.Runtime.InteropServices;

namespace Connector.LlamaCpp.Interop;

/// <summary>llama.h: the library itself. The other parts of this class hold one area of the header each.</summary>
internal static unsafe partial class Llama
{
    /// <summary>The name that <see cref="NativeLibraryLoader"/> resolves.</summary>
    public const string Library = "llama";

    /// <summary>The release that the structs and functions here were written for.</summary>
    public const string Version = "0.5.0";

    [LibraryImport(Library, EntryPoint = "llama_backend_init")]
    public static partial void InitializeBackend();

    [LibraryImport(Library, EntryPoint = "llama_log_set")]
    public static partial void SetLog(delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* data);

    [LibraryImport(Library, EntryPoint = "llama_supports_gpu_offload")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool SupportsGpuOffload();

    [LibraryImport(Library, EntryPoint = "llama_print_system_info")]
    public static partial byte* SystemInfo();

    [LibraryImport(Library, EntryPoint = "llama_max_devices")]
    public static partial nuint MaxDevices();

    [LibraryImport(Library, EntryPoint = "llama_max_parallel_sequences")]
    public static partial nuint MaxParallelSequences();
}
