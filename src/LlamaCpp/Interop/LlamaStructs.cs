using System.Runtime.InteropServices;

namespace Connector.LlamaCpp.Interop;

// Layouts of llama.h v0.5.0; tests compare them with a C probe's table. A bool is one byte (runtime marshalling is off).

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaModelParams
{
    public nint* Devices;
    public void* TensorBufferOverrides;
    public int GpuLayers;
    public int SplitMode;
    public int LoadMode;
    public int LazyMode;
    public int MainGpu;
    public float* TensorSplit;
    public delegate* unmanaged[Cdecl]<float, void*, byte> ProgressCallback;
    public void* ProgressData;
    public void* MetadataOverrides;
    public bool VocabularyOnly;
    public bool CheckTensors;
    public bool UseExtraBuffers;
    public bool NoHost;
    public bool NoAllocation;
    public bool LoadMtp;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaContextParams
{
    public uint Capacity;
    public uint BatchCapacity;
    public uint ComputeBatchCapacity;
    public uint MaxSequences;
    public uint RecurrentSnapshots;
    public uint MaxOutputs;
    public uint MaxOutputsPerSequence;
    public int Threads;
    public int BatchThreads;
    public int ContextType;
    public int RopeScaling;
    public int Pooling;
    public int Attention;
    public int FlashAttention;
    public float RopeFrequencyBase;
    public float RopeFrequencyScale;
    public float YarnExtensionFactor;
    public float YarnAttentionFactor;
    public float YarnBetaFast;
    public float YarnBetaSlow;
    public uint YarnOriginalContext;
    public float DefragmentationThreshold;
    public void* EvaluationCallback;
    public void* EvaluationData;
    public int KeyType;
    public int ValueType;
    public delegate* unmanaged[Cdecl]<void*, byte> AbortCallback;
    public void* AbortData;
    public bool Embeddings;
    public bool OffloadKqv;
    public bool NoPerformanceCounters;
    public bool OffloadOperations;
    public bool FullSlidingWindow;
    public bool UnifiedMemory;
    public void* Samplers;
    public nuint SamplerCount;
    public nint OtherContext;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaBatch
{
    public int Count;
    public int* Tokens;
    public float* Embeddings;
    public int* Positions;
    public int* SequenceCounts;
    public int** Sequences;
    public byte* WantsLogits;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaQuantizeParams
{
    public int Threads;
    public int FileType;
    public int OutputTensorType;
    public int TokenEmbeddingType;
    public bool AllowRequantize;
    public bool QuantizeOutputTensor;
    public bool OnlyCopy;
    public bool Pure;
    public bool KeepSplit;
    public bool DryRun;
    public void* ImportanceMatrix;
    public void* MetadataOverrides;
    public void* TensorTypeOverrides;
    public int* PrunedLayers;
    public nuint MaxBufferBytes;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GgmlDeviceProperties
{
    public byte* Name;
    public byte* Description;
    public nuint FreeMemory;
    public nuint TotalMemory;
    public int Type;
    public byte* DeviceId;
    public bool Asynchronous;
    public bool HostBuffer;
    public bool BufferFromHostPointer;
    public bool Events;
    public bool MemoryMapping;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GgmlThreadParams
{
    public fixed byte Processors[512];
    public int Threads;
    public int Priority;
    public uint Polling;
    public bool KeepsToProcessors;
    public bool Paused;
}

/// <summary>llama_token_attr.</summary>
[Flags]
internal enum TokenAttributes
{
    None = 0,
    Unknown = 1 << 0,
    Unused = 1 << 1,
    Normal = 1 << 2,
    Control = 1 << 3,
    UserDefined = 1 << 4,
    Byte = 1 << 5,
}
