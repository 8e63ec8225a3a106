using System.Runtime.InteropServices;

namespace Connector.LlamaCpp.Interop;

/// <summary>llama.h: the vocabulary of a model, a pointer that lives as long as the model.</summary>
internal static unsafe partial class Llama
{
    [LibraryImport(Library, EntryPoint = "llama_vocab_n_tokens")]
    public static partial int TokenCount(nint vocabulary);

    [LibraryImport(Library, EntryPoint = "llama_vocab_get_attr")]
    public static partial TokenAttributes GetAttributes(nint vocabulary, int token);

    [LibraryImport(Library, EntryPoint = "llama_vocab_is_eog")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool IsEndOfGeneration(nint vocabulary, int token);

    [LibraryImport(Library, EntryPoint = "llama_vocab_bos")]
    public static partial int BeginOfSequence(nint vocabulary);

    [LibraryImport(Library, EntryPoint = "llama_vocab_eos")]
    public static partial int EndOfSequence(nint vocabulary);

    [LibraryImport(Library, EntryPoint = "llama_vocab_get_add_bos")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool AddsBeginOfSequence(nint vocabulary);

    [LibraryImport(Library, EntryPoint = "llama_tokenize")]
    public static partial int Tokenize(nint vocabulary, byte* text, int length, int* tokens, int capacity,
        [MarshalAs(UnmanagedType.U1)] bool addSpecial, [MarshalAs(UnmanagedType.U1)] bool parseSpecial);

    [LibraryImport(Library, EntryPoint = "llama_token_to_piece")]
    public static partial int TokenToPiece(nint vocabulary, int token, byte* buffer, int length, int skipSpaces,
        [MarshalAs(UnmanagedType.U1)] bool special);
}
