using System.Reflection;
using System.Runtime.InteropServices;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>
/// Finds the folder with llama.cpp's libraries and answers the runtime's questions for them. Search order: the folder
/// given as an option, then CONNECTOR_NATIVE_PATH, then <c>runtimes/&lt;rid&gt;/native</c> beside the program, then the
/// program's own folder (where publishing for one platform puts native files). The first two are binding: a folder
/// that was named and holds no libraries is an error, not a reason to look further.
/// </summary>
internal static class NativeLibraryLoader
{
    public const string PathVariable = "CONNECTOR_NATIVE_PATH";

    /// <summary>The folder to load from.</summary>
    /// <param name="option">The folder given as an option, or null.</param>
    /// <param name="variable">The value of CONNECTOR_NATIVE_PATH, or null.</param>
    /// <param name="programFolders">Where the program itself and its native files may stand.</param>
    public static string FindFolder(string? option, string? variable, IReadOnlyList<string> programFolders)
    {
        string[] searched =
            !string.IsNullOrEmpty(option) ? [option]
            : !string.IsNullOrEmpty(variable) ? [variable]
            : [.. programFolders.Select(folder => Path.Combine(folder, "runtimes", PortableRid, "native")), .. programFolders];
        return searched.FirstOrDefault(folder => FindLibrary(folder, Llama.Library) is not null) ?? throw new NativeLibraryException(
            NativeLibraryProblem.Missing,
            $"llama.cpp's shared libraries were not found in {string.Join(", ", searched.Distinct(StringComparer.Ordinal).Select(folder => $"'{folder}'"))}"
            + (!string.IsNullOrEmpty(option) ? " (the folder given as an option)" : !string.IsNullOrEmpty(variable) ? $" ({PathVariable})" : "")
            + $". Reference the package Connector.Runtime.{PortableRid}, or set {PathVariable} to a folder that holds them.");
    }

    /// <summary>Loads the libraries of a folder, dependencies first, and lets the runtime resolve imports with them.</summary>
    public static void Load(string folder)
    {
        var libraries = new Dictionary<string, nint>(StringComparer.Ordinal);
        foreach (var name in (ReadOnlySpan<string>)[Ggml.BaseLibrary, Ggml.Library, Llama.Library])
        {
            var path = FindLibrary(folder, name) ?? throw new NativeLibraryException(
                NativeLibraryProblem.Missing, $"The folder '{folder}' holds a part of llama.cpp, but no library '{name}'.");
            try
            {
                libraries[name] = NativeLibrary.Load(path);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                throw new NativeLibraryException(
                    NativeLibraryProblem.Missing, $"'{path}' could not be loaded: {error.Message.ReplaceLineEndings(" ").Trim()}", error);
            }
        }

        CheckVersion(libraries[Llama.Library], folder);
        NativeLibrary.SetDllImportResolver(
            Assembly.GetExecutingAssembly(),
            (name, _, _) => libraries.GetValueOrDefault(name));
    }

    /// <summary>The folders of this program, without repeats.</summary>
    public static IReadOnlyList<string> ProgramFolders()
    {
        var native = (string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "";
        return [.. native.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Prepend(AppContext.BaseDirectory).Select(folder => Path.TrimEndingDirectorySeparator(folder)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Operating system and processor in the form of NuGet's portable names, such as <c>linux-x64</c>.</summary>
    public static string PortableRid { get; } =
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-")
        + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    // The prebuilt files carry backend and release in their names: libllama.cuda.v0.5.0.so, llama.v0.5.0.dll, libllama.dylib.
    private static string? FindLibrary(string folder, string name)
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var start = OperatingSystem.IsWindows() ? name : "lib" + name;
        var end = OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";
        return Directory.EnumerateFiles(folder, start + ".*")
            .Where(path => path.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            .OrderBy(path => Path.GetFileName(path).Length).ThenBy(path => path, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    private static unsafe void CheckVersion(nint library, string folder)
    {
        var found = NativeLibrary.TryGetExport(library, "llama_version", out var function)
            ? Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<byte*>)function)())
            : null;
        CheckVersion(found, folder);
    }

    /// <summary>Refuses another release: structs passed to it would be read wrongly.</summary>
    public static void CheckVersion(string? found, string folder)
    {
        // The prebuilt libraries say 0.5.0-dev: they were not built from the tagged commit's own tree.
        if (found?.Split('-')[0] != Llama.Version)
        {
            throw new NativeLibraryException(
                NativeLibraryProblem.WrongVersion,
                $"The libraries in '{folder}' are llama.cpp {found ?? "of an unknown release"}; this version of Connector needs {Llama.Version}. "
                + $"Update the package Connector.Runtime.{PortableRid}, or set {PathVariable} to a folder with that release.");
        }
    }
}
