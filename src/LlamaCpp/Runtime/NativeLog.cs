using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Connector.LlamaCpp.Interop;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connector.LlamaCpp;

/// <summary>
/// Sends libllama's log, of which there is one per process, to the logger given last, and remembers each thread's
/// errors so that a failed call can say why.
/// </summary>
internal static unsafe partial class NativeLog
{
    // ggml_log_level
    private const int Debug = 1, Information = 2, Warning = 3, Error = 4, Continuation = 5;

    private const int MaxErrors = 8;

    [ThreadStatic]
    private static Line? _line;

    /// <summary>Where lines go. libllama's information lines are a developer's and arrive as Debug.</summary>
    public static ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>A second reader of this thread's lines, as the progress of a quantisation needs.</summary>
    [field: ThreadStatic]
    public static Action<string>? Listener { get; set; }

    public static void Install() => Llama.SetLog(&OnLine, null);

    /// <summary>Forgets this thread's errors, before a call that may fail.</summary>
    public static void ClearError()
    {
        if (_line is { } line)
        {
            line.Errors.Clear();
        }
    }

    /// <summary>What libllama said about the failure on this thread, with a space before it; or nothing.</summary>
    public static string DescribeError() => _line is { Errors.Count: > 0 } line ? " It says: " + string.Join("; ", line.Errors) : "";

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLine(int level, byte* text, void* data)
    {
        try
        {
            var line = _line ??= new Line();
            line.Level = level == Continuation ? line.Level : level;
            line.Text.Append(Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)));
            if (line.Text.Length == 0 || line.Text[^1] != '\n')
            {
                return;
            }

            var whole = line.Text.ToString().TrimEnd();
            line.Text.Clear();
            if (line.Level == Error && line.Errors.Count < MaxErrors)
            {
                line.Errors.Add(whole);
            }

            Listener?.Invoke(whole);
            var severity = LevelOf(line.Level);
            if (Logger.IsEnabled(severity))
            {
                Write(Logger, severity, whole);
            }
        }
        catch (Exception error)
        {
            // An exception must not cross into native code; a logger that throws loses its line.
            System.Diagnostics.Debug.WriteLine(error);
        }
    }

    private static LogLevel LevelOf(int level) => level switch
    {
        Error => LogLevel.Error,
        Warning => LogLevel.Warning,
        Information => LogLevel.Debug,
        Debug => LogLevel.Trace,
        _ => LogLevel.Trace,
    };

    [LoggerMessage(Message = "{Line}")]
    private static partial void Write(ILogger logger, LogLevel level, string line);

    private sealed class Line
    {
        public StringBuilder Text { get; } = new();

        public int Level { get; set; }

        public List<string> Errors { get; } = [];
    }
}
