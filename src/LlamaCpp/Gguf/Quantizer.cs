using System.Globalization;
using System.Text.RegularExpressions;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>Runs llama_model_quantize, which tells its progress by its log alone and cannot be interrupted.</summary>
internal static partial class Quantizer
{
    public static async Task RunAsync(string source, string target, GgufQuantization type, IProgress<float>? progress, CancellationToken cancellationToken)
    {
        if (!Enum.IsDefined(type))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "The quantisation is unknown.");
        }

        var file = GgufFile.Read(source);
        target = Path.GetFullPath(target);
        if (file.Paths.Contains(target, StringComparer.Ordinal))
        {
            throw new ArgumentException($"'{target}' is the source itself.", nameof(target));
        }

        cancellationToken.ThrowIfCancellationRequested();
        await Task.Run(() => RunAndMove(file, target, type, progress, cancellationToken), CancellationToken.None)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    // Works on a file beside the target, so that a reader never sees half a model; without awaiter once cancelled.
    private static void RunAndMove(GgufFile file, string target, GgufQuantization type, IProgress<float>? progress, CancellationToken cancellationToken)
    {
        var partial = $"{target}.{Guid.NewGuid():N}.partial";
        try
        {
            NativeRuntime.EnsureStarted();
            Run(file, partial, type, progress);
            cancellationToken.ThrowIfCancellationRequested();
            File.Move(partial, target, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static unsafe void Run(GgufFile file, string target, GgufQuantization type, IProgress<float>? progress)
    {
        var parameters = Llama.DefaultQuantizeParams();
        parameters.Threads = ProcessorCores.Count;
        parameters.FileType = (int)type;
        parameters.AllowRequantize = true;
        NativeLog.ClearError();
        NativeLog.Listener = line => Report(line, progress);
        try
        {
            if (Llama.Quantize(file.Paths[0], target, &parameters) != 0)
            {
                throw new UnsupportedModelException($"llama.cpp could not quantise '{file.Paths[0]}' to {type}.{NativeLog.DescribeError()}");
            }
        }
        finally
        {
            NativeLog.Listener = null;
        }

        progress?.Report(1);
    }

    // Lines begin with "[  12/ 272] blk.1.attn_q.weight …".
    private static void Report(string line, IProgress<float>? progress)
    {
        if (progress is not null && Counter().Match(line) is { Success: true } counter)
        {
            progress.Report(float.Parse(counter.Groups["done"].ValueSpan, CultureInfo.InvariantCulture)
                / float.Parse(counter.Groups["all"].ValueSpan, CultureInfo.InvariantCulture));
        }
    }

    [GeneratedRegex(@"^\[\s*(?<done>\d+)/\s*(?<all>\d+)\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Counter();
}
