using System.Runtime.InteropServices;

namespace Connector.LlamaCpp.Interop;

/// <summary>ggml-backend.h: loading backends and listing devices. The registry is in one library, devices in another.</summary>
internal static unsafe partial class Ggml
{
    public const string Library = "ggml";
    public const string BaseLibrary = "ggml-base";

    [LibraryImport(Library, EntryPoint = "ggml_backend_load_all_from_path", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void LoadBackends(string folder);

    [LibraryImport(Library, EntryPoint = "ggml_backend_dev_count")]
    public static partial nuint DeviceCount();

    [LibraryImport(Library, EntryPoint = "ggml_backend_dev_get")]
    public static partial nint GetDevice(nuint index);

    [LibraryImport(BaseLibrary, EntryPoint = "ggml_backend_dev_get_props")]
    public static partial void GetDeviceProperties(nint device, GgmlDeviceProperties* properties);

    [LibraryImport(BaseLibrary, EntryPoint = "ggml_backend_dev_backend_reg")]
    public static partial nint GetBackend(nint device);

    [LibraryImport(BaseLibrary, EntryPoint = "ggml_backend_reg_name")]
    public static partial byte* GetBackendName(nint backend);

    [LibraryImport(BaseLibrary, EntryPoint = "ggml_blck_size")]
    public static partial long BlockLength(int type);

    [LibraryImport(BaseLibrary, EntryPoint = "ggml_type_size")]
    public static partial nuint BlockBytes(int type);
}
