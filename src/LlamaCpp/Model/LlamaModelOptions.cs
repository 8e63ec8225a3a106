using System.Collections.Immutable;

namespace Connector.LlamaCpp;

/// <summary>How a model is loaded. The defaults use a GPU where a GPU backend is installed, else the processor.</summary>
public sealed record LlamaModelOptions
{
    /// <summary>
    /// Layers whose weights go to GPUs, counted from the output. Null (default): all where there is a GPU, else none.
    /// 0: the processor alone, even where there is a GPU.
    /// </summary>
    public int? GpuLayers { get; init; }

    /// <summary>
    /// The names of the GPUs to use (<see cref="ComputeDevice.Name"/>), in the order in which layers are dealt out.
    /// Default, empty: all discrete GPUs, or the integrated ones where there are no others.
    /// </summary>
    public ImmutableArray<string> Devices { get; init; } = [];

    /// <summary>Puts the whole model on one GPU: its index among the GPUs in use. Null (default): spread over all of them.</summary>
    public int? MainGpu { get; init; }

    /// <summary>Each GPU's share of the model, in any unit. Default, empty: by free memory.</summary>
    public ImmutableArray<float> TensorSplit { get; init; } = [];

    /// <summary>
    /// Whether the file is mapped into memory, which loads faster and shares pages between processes, instead of read.
    /// Default true.
    /// </summary>
    public bool MemoryMapping { get; init; } = true;

    /// <summary>Whether the weights are kept from being swapped out; needs the operating system's permission. Default false.</summary>
    public bool LockMemory { get; init; }

    /// <summary>
    /// Whether weights are laid out anew for this processor's fastest kernels, which takes memory of its own beside the
    /// mapped file. Default true. Off, some formats are exact (<see cref="Decoding.ContextOptions.ExactMode"/>) that
    /// otherwise are not (docs/native.md).
    /// </summary>
    public bool RepackWeights { get; init; } = true;

    /// <summary>
    /// Loads the vocabulary and no weights, for tokenising and compiling constraints; contexts cannot be made then.
    /// Default false.
    /// </summary>
    public bool VocabularyOnly { get; init; }

    /// <summary>
    /// Reads every weight once while loading and refuses values that are not numbers. Costs a pass over the file.
    /// Default false.
    /// </summary>
    public bool CheckTensors { get; init; }

    /// <summary>
    /// The folder of llama.cpp's libraries. Null (default): the environment variable CONNECTOR_NATIVE_PATH, then
    /// <c>runtimes/&lt;rid&gt;/native</c> beside the program. A process loads them once.
    /// </summary>
    public string? NativeLibraryPath { get; init; }
}
