using System.Globalization;
using System.Runtime.InteropServices;
using Connector.Decoding;
using Connector.LlamaCpp.Interop;
using Microsoft.Extensions.Logging;

namespace Connector.LlamaCpp;

/// <summary>Turns options into a context: checks them against the model, and fills in what they leave open.</summary>
internal static partial class ContextCreation
{
    /// <summary>GGML_MAX_N_THREADS.</summary>
    public const int MaxThreads = 512;

    private const int MaxComputeBatch = 512;

    // libllama builds this text in one place for all callers.
    private static readonly Lazy<string> s_features = new(Features);

    // llama_flash_attn_type
    private const int Automatic = -1, Disabled = 0, Enabled = 1;

    public static LlamaContext Create(LlamaModel model, LlamaContextOptions options, ILogger logger)
    {
        Check(model, options);
        var storage = CacheStorage.Choose(options, model.Metadata, model.IsOnGpu);
        var perToken = KeyValueMemory.BytesPerToken(model.Metadata, storage.Keys, storage.Values);
        var capacity = Capacity(model, options, perToken);
        if (!model.IsOnGpu)
        {
            SystemMemory.Require(capacity * perToken, SystemMemory.Available(), $"A context of {capacity} tokens for '{model.Name}'");
        }

        var parameters = Llama.DefaultContextParams();
        parameters.Capacity = (uint)capacity;
        parameters.BatchCapacity = (uint)options.MaxBatchTokens;
        parameters.ComputeBatchCapacity = (uint)Math.Min(options.MaxBatchTokens, MaxComputeBatch);
        parameters.MaxSequences = (uint)(options.MaxSequences + (options.ExactMode ? OrderedMemory.ExtraSequences : 0));
        parameters.MaxOutputs = (uint)Math.Min(options.MaxOutputs, options.MaxBatchTokens);
        parameters.Threads = parameters.BatchThreads = options.Threads ?? ProcessorCores.Count;
        parameters.FlashAttention = storage.FlashAttention switch { null => Automatic, true => Enabled, false => Disabled };
        parameters.KeyType = (int)storage.Keys;
        parameters.ValueType = (int)storage.Values;
        parameters.UnifiedMemory = true;
        parameters.FullSlidingWindow = true;
        parameters.NoPerformanceCounters = true;
        var context = Create(model, options, parameters);
        LogContext(logger, model.Name, context.Capacity, context.Capacity * perToken / (1024.0 * 1024), context.MaxSequences, context.Memory);
        return context;
    }

    /// <summary>Makes the native context and wraps it.</summary>
    private static LlamaContext Create(LlamaModel model, LlamaContextOptions options, in LlamaContextParams parameters)
    {
        var handle = CreateHandle(model, parameters);
        LlamaContext? context = null;
        try
        {
            var memory = MemoryProbe.Run(
                handle, model.Handle, options.MaxSequences, (int)Llama.BatchCapacity(handle), model.Vocabulary.BeginOfSequence ?? 0);
            context = new LlamaContext(model, handle, options, memory, SequenceState.Fingerprint(model, parameters)) { Conditions = Conditions(model, options, parameters) };
            RequireExact(model, context, options);

            return context;
        }
        catch
        {
            context?.Dispose();
            handle.Dispose();
            throw;
        }
    }

    private static string Conditions(LlamaModel model, LlamaContextOptions options, in LlamaContextParams parameters) => string.Create(
        CultureInfo.InvariantCulture,
        $"{parameters.Threads} threads, flash attention {parameters.FlashAttention}, cache {(CacheType)parameters.KeyType} and {(CacheType)parameters.ValueType}, exact {options.ExactMode}, repacked {model.RepacksWeights}, {s_features.Value}");

    // What was once found exact is not tried again: an engine makes a new context after a failed call.
    private static void RequireExact(LlamaModel model, LlamaContext context, LlamaContextOptions options)
    {
        if (!options.ExactMode || model.ExactConditions.ContainsKey(context.Conditions))
        {
            return;
        }

        if (ExactProbe.Difference(context, model.Vocabulary.Count) is > 0 and var difference)
        {
            var advice = model.RepacksWeights ? $", those of some others where the model is loaded with {nameof(LlamaModelOptions.RepackWeights)} = false" : "";
            throw new ArgumentException(
                $"ExactMode is not possible: on this processor the logits of '{model.Name}' depend on how many tokens a call evaluates (they differ by up to {difference:G2}). "
                + $"Those of Q8_0 and Q4_0 weights usually do not{advice}.",
                nameof(options));
        }

        model.ExactConditions.TryAdd(context.Conditions, true);
    }

    private static unsafe string Features() => Marshal.PtrToStringUTF8((nint)Llama.SystemInfo()) ?? "";

    /// <summary>Makes the native context.</summary>
    public static ContextHandle CreateHandle(LlamaModel model, in LlamaContextParams parameters)
    {
        NativeLog.ClearError();
        // Beside a GPU the processor has little to do, and all that wait are woken for it.
        var handle = ContextHandle.Create(model.Handle, parameters, keepsThreads: !model.IsOnGpu);
        return !handle.IsInvalid ? handle : throw Refusal(model, parameters.Capacity, NativeLog.DescribeError());
    }

    // libllama says why it refused in its log alone.
    private static Exception Refusal(LlamaModel model, uint capacity, string reason)
    {
        var message = $"llama.cpp could not make a context of {capacity} tokens for '{model.Name}'.{reason}";
        return reason.Contains("alloc", StringComparison.Ordinal) ? new ModelMemoryException(message) : new ArgumentException(message, nameof(model));
    }

    private static void Check(LlamaModel model, LlamaContextOptions options)
    {
        RequireWeights(model);
        if (!model.Metadata.IsCausal || !Llama.HasDecoder(model.Handle) || Llama.HasEncoder(model.Handle))
        {
            throw new UnsupportedModelException(
                $"'{model.Name}' ({model.Metadata.Architecture}) does not generate text token by token; embeddings come from {nameof(LlamaEmbedder)}.");
        }

        CheckRange(nameof(options.MaxSequences), options.MaxSequences, 1, (int)Llama.MaxParallelSequences());
        CheckRange(nameof(options.MaxBatchTokens), options.MaxBatchTokens, 1, 1 << 20);
        CheckRange(nameof(options.MaxOutputs), options.MaxOutputs, 1, 1 << 20);
        CheckRange(nameof(options.Threads), options.Threads ?? 1, 1, MaxThreads);
        var longest = Math.Min((long)model.TrainedContextLength * options.MaxSequences, int.MaxValue);
        if (options.Capacity is { } capacity && (capacity < 1 || capacity > longest))
        {
            throw new ArgumentException(
                $"Capacity is {capacity}; '{model.Name}' was trained for sequences of {model.TrainedContextLength} tokens, so {options.MaxSequences} of them take 1 to {longest}.",
                nameof(options));
        }
    }

    public static void RequireWeights(LlamaModel model)
    {
        if (model.IsVocabularyOnly)
        {
            throw new InvalidOperationException($"'{model.Name}' was loaded without its weights (VocabularyOnly), so it cannot make contexts.");
        }
    }

    /// <summary>Refuses a setting that is out of range, naming it.</summary>
    public static void CheckRange(string name, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new ArgumentException($"{name} is {value}; it must lie in {least} … {most}.", nameof(value));
        }
    }

    private static int Capacity(LlamaModel model, LlamaContextOptions options, long perToken) =>
        options.Capacity ?? KeyValueMemory.Fit(model.TrainedContextLength, perToken, options.MemoryBudget);

    [LoggerMessage(Level = LogLevel.Information, Message = "Context for {Model}: {Capacity} tokens, whose keys and values take {MiB:0.0} MiB; {Sequences} sequences; its memory allows {Memory}")]
    private static partial void LogContext(ILogger logger, string model, int capacity, double miB, int sequences, MemoryCapabilities memory);
}
