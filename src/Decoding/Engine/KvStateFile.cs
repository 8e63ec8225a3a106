using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Connector.Decoding.Engine;

/// <summary>
/// A saved conversation: "CNKV", version, model name, vocabulary hash, tokens, the memory's own state, and the SHA-256 of all that. Little-endian.
/// </summary>
internal static class KvStateFile
{
    public const int Version = 1;

    private const int LongestText = 4096;

    private static ReadOnlySpan<byte> Magic => "CNKV"u8;

    public static async Task WriteAsync(Stream target, ILanguageModel model, ReadOnlyMemory<int> tokens, ChunkedBuffer state, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var header = new MemoryStream();
        using (var writer = new BinaryWriter(header, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(Version);
            WriteText(writer, model.Name);
            WriteText(writer, model.Vocabulary.Hash);
            writer.Write(tokens.Length);
            for (var i = 0; i < tokens.Length; i++)
            {
                writer.Write(tokens.Span[i]);
            }

            writer.Write(state.Length);
        }

        var start = header.ToArray();
        hash.AppendData(start);
        await target.WriteAsync(start, cancellationToken).ConfigureAwait(false);
        state.Position = 0;
        var buffer = new byte[1 << 16];
        for (int read; (read = state.Read(buffer.AsSpan())) > 0;)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }

        await target.WriteAsync(hash.GetHashAndReset(), cancellationToken).ConfigureAwait(false);
        await target.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="InvalidDataException">The data is damaged, or of another model; the message says which.</exception>
    public static async Task<(int[] Tokens, ChunkedBuffer State)> ReadAsync(Stream source, ILanguageModel model, int maxTokens, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var reader = new HashingReader(source, hash, cancellationToken);
        try
        {
            if (!IsMagic(await reader.BytesAsync(Magic.Length).ConfigureAwait(false)))
            {
                throw new InvalidDataException("This is no saved KV state: it does not begin with CNKV.");
            }

            Require("version", await reader.Int32Async().ConfigureAwait(false), Version);
            Require("model", await reader.TextAsync(LongestText).ConfigureAwait(false), model.Name);
            Require("vocabulary", await reader.TextAsync(LongestText).ConfigureAwait(false), model.Vocabulary.Hash);
            var count = await reader.Int32Async().ConfigureAwait(false);
            if (count < 1 || count > maxTokens)
            {
                throw new InvalidDataException($"The saved KV state has {count} tokens, but a context holds 1 to {maxTokens}.");
            }

            var tokens = new int[count];
            for (var i = 0; i < count; i++)
            {
                tokens[i] = await reader.Int32Async().ConfigureAwait(false);
            }

            var state = await reader.CopyAsync(await reader.Int64Async().ConfigureAwait(false)).ConfigureAwait(false);
            var expected = hash.GetHashAndReset();
            var found = await reader.BytesAsync(expected.Length).ConfigureAwait(false);
            if (!expected.AsSpan().SequenceEqual(found))
            {
                throw new InvalidDataException("The saved KV state is damaged: its checksum does not fit its content.");
            }

            return (tokens, state);
        }
        catch (EndOfStreamException end)
        {
            throw new InvalidDataException("The saved KV state is damaged: it ends too early.", end);
        }
    }

    private static bool IsMagic(byte[] bytes) => Magic.SequenceEqual(bytes);

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static void Require<T>(string part, T found, T expected)
    {
        if (!EqualityComparer<T>.Default.Equals(found, expected))
        {
            throw new InvalidDataException($"The saved KV state has {part} {found}, but this engine has {expected}.");
        }
    }

    /// <summary>Reads the parts of the file and hashes what it reads.</summary>
    private sealed class HashingReader(Stream source, IncrementalHash hash, CancellationToken cancellationToken)
    {
        public async Task<byte[]> BytesAsync(int count)
        {
            var bytes = new byte[count];
            await source.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
            hash.AppendData(bytes);
            return bytes;
        }

        public async Task<int> Int32Async() => BinaryPrimitives.ReadInt32LittleEndian(await BytesAsync(sizeof(int)).ConfigureAwait(false));

        public async Task<long> Int64Async() => BinaryPrimitives.ReadInt64LittleEndian(await BytesAsync(sizeof(long)).ConfigureAwait(false));

        public async Task<string> TextAsync(int longest)
        {
            var length = await Int32Async().ConfigureAwait(false);
            return length < 0 || length > longest
                ? throw new InvalidDataException("The saved KV state is damaged: a text in its header has an impossible length.")
                : Encoding.UTF8.GetString(await BytesAsync(length).ConfigureAwait(false));
        }

        /// <summary>Grows as bytes come, so that a damaged length costs no memory.</summary>
        public async Task<ChunkedBuffer> CopyAsync(long count)
        {
            var state = new ChunkedBuffer();
            var buffer = new byte[1 << 16];
            while (count > 0)
            {
                var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new EndOfStreamException();
                }

                hash.AppendData(buffer.AsSpan(0, read));
                state.Write(buffer.AsSpan(0, read));
                count -= read;
            }

            state.Position = 0;
            return state;
        }
    }
}
