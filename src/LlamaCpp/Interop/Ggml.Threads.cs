using System.Runtime.InteropServices;

namespace Connector.LlamaCpp.Interop;

/// <summary>ggml-cpu.h: threads that stay. The library that has them depends on the processor, so its registry is asked for them.</summary>
internal static unsafe partial class Ggml
{
    // They sleep between calls: threads of two contexts that spin for work of their own keep each other from working.
    private const uint Polling = 0;
    private static readonly Lazy<(nint Start, nint Stop)> s_threadFunctions = new(FindThreadFunctions);

    [LibraryImport(BaseLibrary, EntryPoint = "ggml_backend_reg_get_proc_address", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetFunction(nint backend, string name);

    /// <summary>Fills in ggml's own defaults.</summary>
    [LibraryImport(BaseLibrary, EntryPoint = "ggml_threadpool_params_init")]
    public static partial void InitializeThreadParams(GgmlThreadParams* parameters, int threads);

    /// <summary>Starts threads; 0 where the processor's backend has none of its own.</summary>
    /// <param name="count">How many compute, the caller's own among them.</param>
    public static nint StartThreads(int count)
    {
        var start = (delegate* unmanaged[Cdecl]<GgmlThreadParams*, nint>)s_threadFunctions.Value.Start;
        if (start == null)
        {
            return 0;
        }

        GgmlThreadParams parameters;
        InitializeThreadParams(&parameters, count);
        parameters.Polling = Polling;
        return start(&parameters);
    }

    /// <summary>Ends threads that no context uses any more; nothing where <paramref name="threads"/> is 0.</summary>
    public static void StopThreads(nint threads)
    {
        if (threads != 0)
        {
            ((delegate* unmanaged[Cdecl]<nint, void>)s_threadFunctions.Value.Stop)(threads);
        }
    }

    private static (nint Start, nint Stop) FindThreadFunctions()
    {
        foreach (var device in ComputeDevice.List().Where(d => d.Kind == ComputeDeviceKind.Cpu))
        {
            var backend = GetBackend(device.Handle);
            var (start, stop) = (GetFunction(backend, "ggml_threadpool_new"), GetFunction(backend, "ggml_threadpool_free"));
            if (start != 0 && stop != 0)
            {
                return (start, stop);
            }
        }

        return default;
    }
}
