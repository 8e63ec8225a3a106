using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>Brings libllama up, once per process: libraries, version, log, backends. Thread-safe.</summary>
internal static class NativeRuntime
{
    private static readonly NativeStartup Startup = new(
        path => NativeLibraryLoader.FindFolder(
            path, Environment.GetEnvironmentVariable(NativeLibraryLoader.PathVariable), NativeLibraryLoader.ProgramFolders()),
        Start);

    /// <summary>Makes libllama ready.</summary>
    /// <param name="libraryPath">The folder of its libraries; null or empty searches (see <see cref="NativeLibraryLoader"/>).</param>
    /// <exception cref="NativeLibraryException">The libraries are missing, of another release, or do not run here.</exception>
    /// <exception cref="InvalidOperationException">The libraries are loaded already, from another folder.</exception>
    public static void EnsureStarted(string? libraryPath = null) => Startup.Ensure(libraryPath);

    private static void Start(string folder)
    {
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
    }
}
