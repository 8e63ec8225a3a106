using System.Runtime.InteropServices;

namespace Connector.LlamaCpp.Interop;

/// <summary>llama.h: contexts, and evaluating batches in them.</summary>
internal static unsafe partial class Llama
{
    [LibraryImport(Library, EntryPoint = "llama_context_default_params")]
    public static partial LlamaContextParams DefaultContextParams();

    [LibraryImport(Library, EntryPoint = "llama_init_from_model")]
    public static partial nint CreateContext(ModelHandle model, LlamaContextParams parameters);

    [LibraryImport(Library, EntryPoint = "llama_free")]
    public static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "llama_attach_threadpool")]
    public static partial void AttachThreads(ContextHandle context, nint threads, nint batchThreads);

    [LibraryImport(Library, EntryPoint = "llama_n_ctx")]
    public static partial uint ContextCapacity(ContextHandle context);

    [LibraryImport(Library, EntryPoint = "llama_n_batch")]
    public static partial uint BatchCapacity(ContextHandle context);

    [LibraryImport(Library, EntryPoint = "llama_decode")]
    public static partial int Decode(ContextHandle context, LlamaBatch batch);

    [LibraryImport(Library, EntryPoint = "llama_set_embeddings")]
    public static partial void SetEmbeddings(ContextHandle context, [MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport(Library, EntryPoint = "llama_set_abort_callback")]
    public static partial void SetAbortCallback(ContextHandle context, delegate* unmanaged[Cdecl]<void*, byte> callback, void* data);

    [LibraryImport(Library, EntryPoint = "llama_get_logits_ith")]
    public static partial float* GetLogits(ContextHandle context, int row);

    [LibraryImport(Library, EntryPoint = "llama_get_embeddings_ith")]
    public static partial float* GetEmbeddings(ContextHandle context, int row);

    [LibraryImport(Library, EntryPoint = "llama_get_embeddings_seq")]
    public static partial float* GetSequenceEmbedding(ContextHandle context, int sequence);
}
