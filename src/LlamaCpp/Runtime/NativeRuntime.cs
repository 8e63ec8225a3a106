using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>Brings libllama up, once per process: libraries, version, log, backends. Thread-safe.</summary>
internal static class NativeRuntime
{
    private static readonly Lock Gate = new();
    private static string? _folder;

    /// <summary>Makes libllama ready.</summary>
    /// <param name="libraryPath">The folder of its libraries; null searches (see <see cref="NativeLibraryLoader"/>).</param>
    /// <exception cref="NativeLibraryException">The libraries are missing, of another release, or do not run here.</exception>
    public static void EnsureStarted(string? libraryPath = null)
    {
        lock (Gate)
        {
            if (_folder is null)
            {
                Start(NativeLibraryLoader.FindFolder(
                    libraryPath, Environment.GetEnvironmentVariable(NativeLibraryLoader.PathVariable), NativeLibraryLoader.ProgramFolders()));
            }
            else if (libraryPath is not null && Path.GetFullPath(libraryPath) != _folder)
            {
                throw new InvalidOperationException($"llama.cpp is already loaded from '{_folder}'; a process cannot load it from '{libraryPath}' too.");
            }
        }
    }

    private static void Start(string folder)
    {
        folder = Path.GetFullPath(folder);
        NativeLibraryLoader.Load(folder);
        NativeLog.Install();
        Ggml.LoadBackends(folder);
        if (ComputeDevice.List().All(device => device.Kind != ComputeDeviceKind.Cpu))
        {
            throw new NativeLibraryException(
                NativeLibraryProblem.UnsupportedProcessor,
                $"None of the CPU backends in '{folder}' runs on this {System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture} processor. "
                + $"Build llama.cpp {Llama.Version} for it and set {NativeLibraryLoader.PathVariable} to the folder of its libraries.");
        }

        Llama.InitializeBackend();
        _folder = folder;
    }
}
