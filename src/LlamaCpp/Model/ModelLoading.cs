using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Connector.LlamaCpp.Interop;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connector.LlamaCpp;

/// <summary>Turns a file and options into loaded weights.</summary>
internal static unsafe class ModelLoading
{
    // llama_load_mode and llama_split_mode
    private const int ReadFile = 0, MapFile = 1, LockFile = 2, MapAndLockFile = 3;
    private const int OneGpu = 0;

    public static LlamaModel Load(
        string path, LlamaModelOptions options, IProgress<float>? progress, ILoggerFactory? loggerFactory, CancellationToken cancellationToken)
    {
        var file = GgufFile.Read(path);
        ModelValidation.Check(file, options.VocabularyOnly);
        if (loggerFactory is not null)
        {
            NativeLog.Logger = loggerFactory.CreateLogger("Connector.LlamaCpp");
        }

        NativeRuntime.EnsureStarted(options.NativeLibraryPath);
        if (!options.VocabularyOnly && (options.GpuLayers == 0 || !Llama.SupportsGpuOffload()))
        {
            // Weights that are mapped still have to fit, or every token reads the disk.
            SystemMemory.Require(file.TensorBytes, SystemMemory.Available(), $"The model '{file.Paths[0]}'");
        }

        var handle = LoadWeights(file.Paths[0], options, new Progress(progress, cancellationToken));
        try
        {
            return new LlamaModel(handle, file, options, loggerFactory?.CreateLogger<LlamaModel>() ?? NullLogger<LlamaModel>.Instance);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static ModelHandle LoadWeights(string path, LlamaModelOptions options, Progress progress)
    {
        var devices = ChooseDevices(options);
        var split = new float[(int)Llama.MaxDevices()];
        ImmutableArray<float> given = options.TensorSplit.IsDefault ? [] : options.TensorSplit;
        if (given.Length > split.Length)
        {
            throw new ArgumentException($"TensorSplit has {given.Length} shares; this build of llama.cpp knows at most {split.Length} devices.", nameof(options));
        }

        given.CopyTo(split);
        var state = GCHandle.Alloc(progress);
        try
        {
            fixed (nint* deviceList = devices)
            fixed (float* shares = split)
            {
                var parameters = Llama.DefaultModelParams();
                parameters.Devices = deviceList;
                parameters.GpuLayers = options.GpuLayers ?? -1;
                parameters.LoadMode = (options.MemoryMapping, options.LockMemory) switch
                {
                    (true, true) => MapAndLockFile,
                    (true, false) => MapFile,
                    (false, true) => LockFile,
                    (false, false) => ReadFile,
                };
                parameters.TensorSplit = given.IsEmpty ? null : shares;
                parameters.VocabularyOnly = options.VocabularyOnly;
                parameters.UseExtraBuffers = options.RepackWeights;
                parameters.CheckTensors = options.CheckTensors;
                parameters.ProgressCallback = &OnProgress;
                parameters.ProgressData = (void*)GCHandle.ToIntPtr(state);
                if (options.MainGpu is { } gpu)
                {
                    parameters.SplitMode = OneGpu;
                    parameters.MainGpu = gpu;
                }

                NativeLog.ClearError();
                var handle = new ModelHandle(Llama.LoadModel(path, parameters));
                if (!handle.IsInvalid)
                {
                    return handle;
                }

                progress.Cancellation.ThrowIfCancellationRequested();
                throw Refusal(path, NativeLog.DescribeError());
            }
        }
        finally
        {
            state.Free();
        }
    }

    // libllama says why it refused a file in its log alone.
    private static Exception Refusal(string path, string reason)
    {
        var message = $"llama.cpp could not load '{path}'.{reason}";
        return
            Says("unable to allocate", "failed to allocate") ? new ModelMemoryException(message)
            : Says("unknown model architecture", "unknown pre-tokenizer", "unknown tokenizer", "not supported") ? new UnsupportedModelException(message)
            : new InvalidGgufException(message);

        bool Says(params ReadOnlySpan<string> texts)
        {
            foreach (var text in texts)
            {
                if (reason.Contains(text, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }
    }

    // A list that ends with a null pointer; null leaves the choice to libllama.
    private static nint[]? ChooseDevices(LlamaModelOptions options)
    {
        var known = ComputeDevice.List();
        ImmutableArray<string> names = options.Devices.IsDefault ? [] : options.Devices;
        var wanted = names.Select(name => Find(known, name).Handle).ToArray();
        var gpus = wanted.Length > 0 ? wanted.Length : known.Count(device => device.IsGpu);
        var wish =
            options.GpuLayers == 0 && (wanted.Length > 0 || options.MainGpu is not null) ? "GpuLayers is 0, so Devices and MainGpu have no use"
            : gpus == 0 && options.GpuLayers > 0 ? $"GpuLayers is {options.GpuLayers}, and there is no GPU that an installed backend drives"
            : options.MainGpu is { } main && (main < 0 || main >= gpus) ? $"MainGpu is {main}, and {gpus} GPUs are in use"
            : null;
        if (wish is not null)
        {
            throw new ArgumentException($"{wish}. This machine's devices: {Describe(known)}.", nameof(options));
        }

        return options.GpuLayers == 0 ? [0] : wanted.Length > 0 ? [.. wanted, 0] : null;
    }

    private static string Describe(IReadOnlyList<ComputeDevice> devices) => string.Join(", ", devices.Select(device => $"{device.Name} ({device.Kind})"));

    private static ComputeDevice Find(IReadOnlyList<ComputeDevice> known, string name) =>
        known.FirstOrDefault(device => device.IsGpu && string.Equals(device.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"There is no GPU '{name}'. This machine's devices: {Describe(known)}.", nameof(name));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte OnProgress(float fraction, void* data)
    {
        var progress = (Progress)GCHandle.FromIntPtr((nint)data).Target!;
        return progress.Report(fraction) ? (byte)1 : (byte)0;
    }

    /// <summary>What the progress callback needs; an exception of the receiver must not cross native code.</summary>
    private sealed class Progress(IProgress<float>? receiver, CancellationToken cancellation)
    {
        public CancellationToken Cancellation { get; } = cancellation;

        public bool Report(float fraction)
        {
            try
            {
                receiver?.Report(fraction);
            }
            catch (Exception error)
            {
                System.Diagnostics.Debug.WriteLine(error);
            }

            return !Cancellation.IsCancellationRequested;
        }
    }
}
