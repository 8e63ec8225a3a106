using System.Runtime.InteropServices;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>What sort of device a <see cref="ComputeDevice"/> is.</summary>
public enum ComputeDeviceKind
{
    /// <summary>The processor, with system memory.</summary>
    Cpu,

    /// <summary>A GPU with memory of its own.</summary>
    Gpu,

    /// <summary>A GPU that shares system memory.</summary>
    IntegratedGpu,

    /// <summary>Helps the processor, as a matrix library does; holds no layers.</summary>
    Accelerator,
}

/// <summary>A device that can hold and compute layers of a model. Immutable.</summary>
/// <param name="Name">Short and unique on this machine, such as <c>CUDA0</c>; what options name it by.</param>
/// <param name="Description">The hardware's own name.</param>
/// <param name="Kind">What sort of device it is.</param>
/// <param name="Backend">The backend that drives it, such as <c>CUDA</c> or <c>CPU</c>.</param>
/// <param name="FreeMemory">Free memory in bytes at the time of the call; 0 where the backend does not know.</param>
/// <param name="TotalMemory">All of its memory in bytes; 0 where the backend does not know.</param>
public sealed record ComputeDevice(string Name, string Description, ComputeDeviceKind Kind, string Backend, long FreeMemory, long TotalMemory)
{
    /// <summary>libllama's own pointer, which lives as long as the process.</summary>
    internal nint Handle { get; private init; }

    /// <summary>Whether it is a GPU, integrated or not.</summary>
    public bool IsGpu => Kind is ComputeDeviceKind.Gpu or ComputeDeviceKind.IntegratedGpu;

    /// <summary>All devices of this machine that the installed backends drive. Loads llama.cpp where it is not loaded yet.</summary>
    /// <exception cref="NativeLibraryException">llama.cpp's libraries cannot be used.</exception>
    public static IReadOnlyList<ComputeDevice> Enumerate()
    {
        NativeRuntime.EnsureStarted();
        return List();
    }

    internal static unsafe IReadOnlyList<ComputeDevice> List()
    {
        var devices = new ComputeDevice[(int)Ggml.DeviceCount()];
        for (var i = 0; i < devices.Length; i++)
        {
            var handle = Ggml.GetDevice((nuint)i);
            GgmlDeviceProperties properties;
            Ggml.GetDeviceProperties(handle, &properties);
            devices[i] = new ComputeDevice(
                Text(properties.Name),
                Text(properties.Description),
                (ComputeDeviceKind)properties.Type,
                Text(Ggml.GetBackendName(Ggml.GetBackend(handle))),
                (long)properties.FreeMemory,
                (long)properties.TotalMemory)
            { Handle = handle };
        }

        return devices;
    }

    private static unsafe string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
