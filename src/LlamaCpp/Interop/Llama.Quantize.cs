using System.Runtime.InteropServices;

namespace Connector.LlamaCpp.Interop;

/// <summary>llama.h: converting a model file to another quantisation.</summary>
internal static unsafe partial class Llama
{
    [LibraryImport(Library, EntryPoint = "llama_model_quantize_default_params")]
    public static partial LlamaQuantizeParams DefaultQuantizeParams();

    [LibraryImport(Library, EntryPoint = "llama_model_quantize", StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint Quantize(string source, string target, LlamaQuantizeParams* parameters);
}
