using System.Buffers.Binary;
using System.Security.Cryptography;
using Connector.LlamaCpp.Interop;

namespace Connector.LlamaCpp;

/// <summary>
/// A sequence's state as a file: magic, a fingerprint of the model and the context's layout, length, the bytes that
/// libllama made, and their hash. libllama trusts what it is given, so nothing that does not match reaches it.
/// </summary>
internal static class SequenceState
{
    private const int HashLength = 32;
    private const int HeaderLength = 8 + HashLength + 8;

    private static ReadOnlySpan<byte> Magic => "CNSEQ001"u8;

    public static void Save(SequenceMemory memory, int sequence, ReadOnlySpan<byte> fingerprint, Stream target)
    {
        NativeLog.ClearError();
        var state = memory.GetState(sequence)
            ?? throw new InvalidOperationException($"llama.cpp could not save sequence {sequence}.{NativeLog.DescribeError()}");
        Span<byte> header = stackalloc byte[HeaderLength];
        Magic.CopyTo(header);
        fingerprint.CopyTo(header[8..]);
        BinaryPrimitives.WriteInt64LittleEndian(header[(8 + HashLength)..], state.Length);
        target.Write(header);
        target.Write(state);
        target.Write(SHA256.HashData(state));
    }

    public static void Load(SequenceMemory memory, int sequence, ReadOnlySpan<byte> fingerprint, Stream source)
    {
        var state = Read(fingerprint, source);
        NativeLog.ClearError();
        if (!memory.Restore(sequence, state))
        {
            throw new InvalidDataException($"The saved sequence does not fit into this context.{NativeLog.DescribeError()}");
        }
    }

    private static byte[] Read(ReadOnlySpan<byte> fingerprint, Stream source)
    {
        try
        {
            Span<byte> header = stackalloc byte[HeaderLength];
            source.ReadExactly(header);
            if (!header.StartsWith(Magic))
            {
                throw new InvalidDataException("The data is no saved sequence.");
            }

            if (!header.Slice(8, HashLength).SequenceEqual(fingerprint))
            {
                throw new InvalidDataException("The sequence was saved from another model or from a context of another layout.");
            }

            var length = BinaryPrimitives.ReadInt64LittleEndian(header[(8 + HashLength)..]);
            if (length is < 0 or > int.MaxValue || (source.CanSeek && length > source.Length - source.Position))
            {
                throw new InvalidDataException("The saved sequence is damaged: its length is wrong.");
            }

            var state = new byte[(int)length];
            source.ReadExactly(state);
            Span<byte> hash = stackalloc byte[HashLength];
            source.ReadExactly(hash);
            return hash.SequenceEqual(SHA256.HashData(state)) ? state : throw new InvalidDataException("The saved sequence is damaged: its hash is wrong.");
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidDataException("The saved sequence ends too early.", error);
        }
    }

    /// <summary>Equal for contexts that can read each other's sequences.</summary>
    public static byte[] Fingerprint(LlamaModel model, in LlamaContextParams parameters) => SHA256.HashData(
        System.Text.Encoding.UTF8.GetBytes(string.Join('|', Llama.Version, model.Fingerprint, parameters.KeyType, parameters.ValueType, parameters.FlashAttention)));
}
