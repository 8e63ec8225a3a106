using System.Runtime.ExceptionServices;

namespace Connector.LlamaCpp;

/// <summary>Starts a library from one folder, once. Thread-safe.</summary>
/// <param name="find">The folder for what was asked for, which may be null.</param>
/// <param name="start">Starts it from a folder.</param>
internal sealed class NativeStartup(Func<string?, string> find, Action<string> start)
{
    private readonly Lock _gate = new();
    private string? _folder;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts it where it is not started yet.</summary>
    /// <param name="folder">The folder asked for; null or empty: any.</param>
    /// <exception cref="InvalidOperationException">It was started from another folder.</exception>
    public void Ensure(string? folder)
    {
        lock (_gate)
        {
            _failure?.Throw();
            if (_folder is null)
            {
                Start(Normalize(find(folder)));
            }
            else if (!string.IsNullOrEmpty(folder) && Normalize(folder) != _folder)
            {
                throw new InvalidOperationException($"llama.cpp is already loaded from '{_folder}'; a process cannot load it from '{folder}' too.");
            }
        }
    }

    private static string Normalize(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    private void Start(string folder)
    {
        try
        {
            start(folder);
            _folder = folder;
        }
        catch (Exception failure) when (failure is not NativeLibraryException { Problem: NativeLibraryProblem.Missing })
        {
            // Libraries that are in the process stay there, and starting again would fail for that reason and hide this one.
            _failure = ExceptionDispatchInfo.Capture(failure);
            throw;
        }
    }
}
