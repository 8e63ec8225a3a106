using System.Text;

namespace Connector.Decoding.Text;

/// <summary>
/// Tokens to text while they stream in: never splits a character, holds back what may become a stop string, and leaves
/// the stop string and everything after it out. Bytes that are not UTF-8 become U+FFFD, but only once no continuation could mend
/// them. The pieces returned, joined, are the text of all bytes up to the stop string. Not thread-safe.
/// </summary>
/// <param name="stops">The stop strings, or null: none.</param>
public sealed class TextAssembler(StopMatcher? stops = null)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StopMatcher _stops = stops ?? new StopMatcher();
    private byte[] _held = new byte[64];
    private int _heldCount;
    private char[] _chars = new char[64];
    private StopState _state;

    /// <summary>The stop string that was reached, or null.</summary>
    public string? StopSequence { get; private set; }

    /// <summary>Adds a token's bytes and returns the text that is certain now, often empty.</summary>
    public string Append(Vocabulary vocabulary, int token)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return Append(vocabulary.Piece(token));
    }

    /// <summary>Adds bytes and returns the text that is certain now. After a stop string nothing is added.</summary>
    public string Append(ReadOnlySpan<byte> bytes)
    {
        if (StopSequence is not null)
        {
            return "";
        }

        Hold(bytes);
        if (_stops.Find(ref _state, bytes) is { } match)
        {
            StopSequence = match.Stop;
            var text = Release(_heldCount - bytes.Length + match.End - match.Length, isLast: true);
            _heldCount = 0;
            return text;
        }

        return Release(_heldCount - _stops.PendingBytes(_state), isLast: false);
    }

    /// <summary>
    /// The stream has ended: returns what was held back. An unfinished character is now proven invalid. The assembler is then as new.
    /// </summary>
    public string Flush()
    {
        var text = Release(_heldCount, isLast: true);
        _state = default;
        StopSequence = null;
        return text;
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        if (_heldCount + bytes.Length > _held.Length)
        {
            Array.Resize(ref _held, Math.Max(_held.Length * 2, _heldCount + bytes.Length));
        }

        bytes.CopyTo(_held.AsSpan(_heldCount));
        _heldCount += bytes.Length;
    }

    /// <summary>Decodes the first <paramref name="count"/> held bytes.</summary>
    private string Release(int count, bool isLast)
    {
        var bytes = _held.AsSpan(0, count);
        var needed = _decoder.GetCharCount(bytes, isLast);
        if (needed > _chars.Length)
        {
            _chars = new char[needed * 2];
        }

        var written = _decoder.GetChars(bytes, _chars, isLast);
        _held.AsSpan(count, _heldCount - count).CopyTo(_held);
        _heldCount -= count;
        return written == 0 ? "" : new string(_chars, 0, written);
    }
}
