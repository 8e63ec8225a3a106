namespace Connector.Decoding.Engine;

/// <summary>Memory to write once and then read, in pieces: the state of a long sequence is larger than one array should be.</summary>
internal sealed class ChunkedBuffer : Stream
{
    private const int ChunkSize = 1 << 20;

    private readonly List<byte[]> _chunks = [];
    private long _length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position { get; set; }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var offset = (int)(Position % ChunkSize);
        var count = (int)Math.Min(Math.Min(buffer.Length, _length - Position), ChunkSize - offset);
        if (count <= 0)
        {
            return 0;
        }

        _chunks[(int)(Position / ChunkSize)].AsSpan(offset, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var offset = (int)(Position % ChunkSize);
            if (Position / ChunkSize == _chunks.Count)
            {
                _chunks.Add(new byte[ChunkSize]);
            }

            var count = Math.Min(buffer.Length, ChunkSize - offset);
            buffer[..count].CopyTo(_chunks[(int)(Position / ChunkSize)].AsSpan(offset));
            buffer = buffer[count..];
            Position += count;
            _length = Math.Max(_length, Position);
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => _length + offset,
    };

    public override void SetLength(long value) => throw new NotSupportedException("The buffer grows by writing only.");
}
