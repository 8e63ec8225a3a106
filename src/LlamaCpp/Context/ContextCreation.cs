using Connector.Decoding;
using Connector.LlamaCpp.Interop;
using Microsoft.Extensions.Logging;

namespace Connector.LlamaCpp;

/// <summary>Turns options into a context: checks them against the model, and fills in what they leave open.</summary>
internal static class ContextCreation
{
    public static LlamaContext Create(LlamaModel model, LlamaModelOptions modelOptions, LlamaContextOptions options, ILogger logger)
    {
        if (modelOptions.VocabularyOnly)
        {
            throw new InvalidOperationException($"'{model.Name}' was loaded without its weights (VocabularyOnly), so it cannot make contexts.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxSequences, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxSequences, (int)Llama.MaxParallelSequences(), nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBatchTokens, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxOutputs, 1, nameof(options));
        var parameters = Llama.DefaultContextParams();
        parameters.Capacity = (uint)(options.Capacity ?? model.TrainedContextLength);
        parameters.BatchCapacity = (uint)options.MaxBatchTokens;
        parameters.ComputeBatchCapacity = (uint)Math.Min(options.MaxBatchTokens, 512);
        parameters.MaxSequences = (uint)options.MaxSequences;
        parameters.MaxOutputs = (uint)Math.Min(options.MaxOutputs, options.MaxBatchTokens);
        parameters.Threads = parameters.BatchThreads = options.Threads ?? ProcessorCores.Count;
        parameters.FlashAttention = options.FlashAttention switch { null => 0, true => 1, false => 0 };
        parameters.KeyType = (int)(options.KeyType ?? CacheType.F16);
        parameters.ValueType = (int)(options.ValueType ?? CacheType.F16);
        parameters.UnifiedMemory = true;
        parameters.FullSlidingWindow = true;
        parameters.NoPerformanceCounters = true;
        NativeLog.ClearError();
        var handle = ContextHandle.Create(model.Handle, parameters);
        if (handle.IsInvalid)
        {
            throw new ModelMemoryException($"llama.cpp could not make a context for '{model.Name}'.{NativeLog.DescribeError()}");
        }

        var fingerprint = SequenceState.Fingerprint(
            model, (CacheType)parameters.KeyType, (CacheType)parameters.ValueType, parameters.FlashAttention != 0);
        return new LlamaContext(model, handle, options, MemoryCapabilities.All, fingerprint);
    }
}
