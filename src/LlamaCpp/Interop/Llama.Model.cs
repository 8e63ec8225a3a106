using System.Runtime.InteropServices;

namespace Connector.LlamaCpp.Interop;

/// <summary>llama.h: loading models and reading what they say about themselves.</summary>
internal static unsafe partial class Llama
{
    [LibraryImport(Library, EntryPoint = "llama_model_default_params")]
    public static partial LlamaModelParams DefaultModelParams();

    [LibraryImport(Library, EntryPoint = "llama_model_load_from_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint LoadModel(string path, LlamaModelParams parameters);

    [LibraryImport(Library, EntryPoint = "llama_model_free")]
    public static partial void FreeModel(nint model);

    [LibraryImport(Library, EntryPoint = "llama_model_get_vocab")]
    public static partial nint GetVocabulary(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_n_ctx_train")]
    public static partial int TrainedContextLength(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_n_embd_out")]
    public static partial int EmbeddingWidth(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_desc")]
    public static partial int Describe(ModelHandle model, byte* buffer, nuint size);

    [LibraryImport(Library, EntryPoint = "llama_model_has_encoder")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool HasEncoder(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_has_decoder")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool HasDecoder(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_is_recurrent")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool IsRecurrent(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_is_hybrid")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool IsHybrid(ModelHandle model);
}
