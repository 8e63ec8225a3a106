using System.Reflection;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp.Tests.Interop;

/// <summary>
/// Our structs against what a C compiler makes of llama.h v0.5.0: sizeof and offsetof as printed by
/// <c>layout-probe.c</c> beside this file on linux-x64. All 64-bit platforms that llama.cpp supports agree on them.
/// </summary>
public class LayoutTests
{
    public static TheoryData<Type, string, string, int> Offsets => new()
    {
        { typeof(LlamaModelParams), nameof(LlamaModelParams.Devices), "devices", 0 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.TensorBufferOverrides), "tensor_buft_overrides", 8 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.GpuLayers), "n_gpu_layers", 16 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.SplitMode), "split_mode", 20 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.LoadMode), "load_mode", 24 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.LazyMode), "lazy_mode", 28 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.MainGpu), "main_gpu", 32 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.TensorSplit), "tensor_split", 40 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.ProgressCallback), "progress_callback", 48 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.ProgressData), "progress_callback_user_data", 56 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.MetadataOverrides), "kv_overrides", 64 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.VocabularyOnly), "vocab_only", 72 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.CheckTensors), "check_tensors", 73 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.UseExtraBuffers), "use_extra_bufts", 74 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.NoHost), "no_host", 75 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.NoAllocation), "no_alloc", 76 },
        { typeof(LlamaModelParams), nameof(LlamaModelParams.LoadMtp), "load_mtp", 77 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.Capacity), "n_ctx", 0 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.BatchCapacity), "n_batch", 4 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.ComputeBatchCapacity), "n_ubatch", 8 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.MaxSequences), "n_seq_max", 12 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.RecurrentSnapshots), "n_rs_seq", 16 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.MaxOutputs), "n_outputs_max", 20 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.MaxOutputsPerSequence), "n_outputs_max_per_seq", 24 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.Threads), "n_threads", 28 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.BatchThreads), "n_threads_batch", 32 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.ContextType), "ctx_type", 36 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.RopeScaling), "rope_scaling_type", 40 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.Pooling), "pooling_type", 44 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.Attention), "attention_type", 48 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.FlashAttention), "flash_attn_type", 52 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.RopeFrequencyBase), "rope_freq_base", 56 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.RopeFrequencyScale), "rope_freq_scale", 60 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.YarnExtensionFactor), "yarn_ext_factor", 64 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.YarnAttentionFactor), "yarn_attn_factor", 68 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.YarnBetaFast), "yarn_beta_fast", 72 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.YarnBetaSlow), "yarn_beta_slow", 76 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.YarnOriginalContext), "yarn_orig_ctx", 80 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.DefragmentationThreshold), "defrag_thold", 84 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.EvaluationCallback), "cb_eval", 88 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.EvaluationData), "cb_eval_user_data", 96 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.KeyType), "type_k", 104 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.ValueType), "type_v", 108 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.AbortCallback), "abort_callback", 112 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.AbortData), "abort_callback_data", 120 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.Embeddings), "embeddings", 128 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.OffloadKqv), "offload_kqv", 129 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.NoPerformanceCounters), "no_perf", 130 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.OffloadOperations), "op_offload", 131 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.FullSlidingWindow), "swa_full", 132 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.UnifiedMemory), "kv_unified", 133 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.Samplers), "samplers", 136 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.SamplerCount), "n_samplers", 144 },
        { typeof(LlamaContextParams), nameof(LlamaContextParams.OtherContext), "ctx_other", 152 },
        { typeof(LlamaBatch), nameof(LlamaBatch.Count), "n_tokens", 0 },
        { typeof(LlamaBatch), nameof(LlamaBatch.Tokens), "token", 8 },
        { typeof(LlamaBatch), nameof(LlamaBatch.Embeddings), "embd", 16 },
        { typeof(LlamaBatch), nameof(LlamaBatch.Positions), "pos", 24 },
        { typeof(LlamaBatch), nameof(LlamaBatch.SequenceCounts), "n_seq_id", 32 },
        { typeof(LlamaBatch), nameof(LlamaBatch.Sequences), "seq_id", 40 },
        { typeof(LlamaBatch), nameof(LlamaBatch.WantsLogits), "logits", 48 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.Threads), "nthread", 0 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.FileType), "ftype", 4 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.OutputTensorType), "output_tensor_type", 8 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.TokenEmbeddingType), "token_embedding_type", 12 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.AllowRequantize), "allow_requantize", 16 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.QuantizeOutputTensor), "quantize_output_tensor", 17 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.OnlyCopy), "only_copy", 18 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.Pure), "pure", 19 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.KeepSplit), "keep_split", 20 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.DryRun), "dry_run", 21 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.ImportanceMatrix), "imatrix", 24 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.MetadataOverrides), "kv_overrides", 32 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.TensorTypeOverrides), "tt_overrides", 40 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.PrunedLayers), "prune_layers", 48 },
        { typeof(LlamaQuantizeParams), nameof(LlamaQuantizeParams.MaxBufferBytes), "max_buf_size", 56 },
        { typeof(GgmlDeviceProperties), nameof(GgmlDeviceProperties.Name), "name", 0 },
        { typeof(GgmlDeviceProperties), nameof(GgmlDeviceProperties.Description), "description", 8 },
        { typeof(GgmlDeviceProperties), nameof(GgmlDeviceProperties.FreeMemory), "memory_free", 16 },
        { typeof(GgmlDeviceProperties), nameof(GgmlDeviceProperties.TotalMemory), "memory_total", 24 },
        { typeof(GgmlDeviceProperties), nameof(GgmlDeviceProperties.Type), "type", 32 },
        { typeof(GgmlDeviceProperties), nameof(GgmlDeviceProperties.DeviceId), "device_id", 40 },
        { typeof(GgmlDeviceProperties), nameof(GgmlDeviceProperties.Asynchronous), "caps", 48 },
        { typeof(GgmlThreadParams), nameof(GgmlThreadParams.Processors), "cpumask", 0 },
        { typeof(GgmlThreadParams), nameof(GgmlThreadParams.Threads), "n_threads", 512 },
        { typeof(GgmlThreadParams), nameof(GgmlThreadParams.Priority), "prio", 516 },
        { typeof(GgmlThreadParams), nameof(GgmlThreadParams.Polling), "poll", 520 },
        { typeof(GgmlThreadParams), nameof(GgmlThreadParams.KeepsToProcessors), "strict_cpu", 524 },
        { typeof(GgmlThreadParams), nameof(GgmlThreadParams.Paused), "paused", 525 },
    };

    [Theory]
    [MemberData(nameof(Offsets))]
    public void A_field_stands_where_C_puts_it(Type type, string field, string name, int offset) =>
        Assert.True(offset == OffsetOf(type, field), $"{name} is at {offset} in C and at {OffsetOf(type, field)} here");

    [Theory]
    [InlineData(typeof(LlamaModelParams), 80)]
    [InlineData(typeof(LlamaContextParams), 160)]
    [InlineData(typeof(LlamaBatch), 56)]
    [InlineData(typeof(LlamaQuantizeParams), 64)]
    [InlineData(typeof(GgmlDeviceProperties), 56)]
    [InlineData(typeof(GgmlThreadParams), 528)]
    public void A_struct_is_as_large_as_in_C(Type type, int size) => Assert.Equal(size, SizeOf(type));

    [Theory]
    [InlineData(typeof(LlamaModelParams))]
    [InlineData(typeof(LlamaContextParams))]
    [InlineData(typeof(LlamaBatch))]
    [InlineData(typeof(LlamaQuantizeParams))]
    [InlineData(typeof(GgmlDeviceProperties))]
    [InlineData(typeof(GgmlThreadParams))]
    public void Every_field_is_in_the_table(Type type)
    {
        var table = Offsets.Where(row => (Type)row[0] == type).Select(row => (string)row[1]).Concat(Capabilities).ToHashSet(StringComparer.Ordinal);

        Assert.All(type.GetFields(), field => Assert.Contains(field.Name, table));
    }

    // ggml_backend_dev_caps, a struct of bools that is one row of the table.
    private static readonly string[] Capabilities = ["HostBuffer", "BufferFromHostPointer", "Events", "MemoryMapping"];

    // Without runtime marshalling a bool is one byte, which Marshal.OffsetOf does not know: lay the fields out by C's rule.
    private static int OffsetOf(Type type, string field) => Layout(type).First(entry => entry.Name == field).Offset;

    private static int SizeOf(Type type)
    {
        var size = typeof(System.Runtime.CompilerServices.Unsafe).GetMethod(nameof(System.Runtime.CompilerServices.Unsafe.SizeOf))!;
        return (int)size.MakeGenericMethod(type).Invoke(null, null)!;
    }

    private static IEnumerable<(string Name, int Offset)> Layout(Type type)
    {
        var offset = 0;
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            var size = field.FieldType.IsPointer || field.FieldType.IsFunctionPointer ? nint.Size : SizeOf(field.FieldType);
            offset = (offset + size - 1) / size * size;
            yield return (field.Name, offset);
            offset += size;
        }
    }
}
