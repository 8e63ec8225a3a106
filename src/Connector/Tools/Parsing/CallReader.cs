namespace Connector.Tools.Parsing;

/// <summary>
/// Reads a call from text that may still grow. Every method either succeeds and moves on, or fails without moving;
/// a failure that more text could still turn into a success makes the reader starved.
/// </summary>
/// <param name="text">The text so far.</param>
/// <param name="isFinal">Whether no more will come.</param>
internal ref struct CallReader(ReadOnlySpan<char> text, bool isFinal)
{
    private readonly ReadOnlySpan<char> _text = text;
    private readonly bool _isFinal = isFinal;

    /// <summary>How much is read.</summary>
    public int Position { get; set; }

    /// <summary>Whether something failed only because the text ends here for now.</summary>
    public bool IsStarved { get; private set; }

    /// <summary>Whether the text is over and will not grow.</summary>
    public readonly bool IsOver => _isFinal && Position == _text.Length;

    private readonly ReadOnlySpan<char> Rest => _text[Position..];

    /// <summary>The next character, or NUL at the end of what there is.</summary>
    public readonly char Peek => Position < _text.Length ? _text[Position] : '\0';

    public bool Literal(ReadOnlySpan<char> literal)
    {
        if (Rest.StartsWith(literal, StringComparison.Ordinal))
        {
            Position += literal.Length;
            return true;
        }

        IsStarved |= !_isFinal && literal.StartsWith(Rest, StringComparison.Ordinal);
        return false;
    }

    /// <summary>Skips white space, if any.</summary>
    public void Space() => Position += Rest.Length - Rest.TrimStart().Length;

    /// <summary>The text up to a marker, and the marker.</summary>
    public bool Until(ReadOnlySpan<char> marker, out string value)
    {
        var at = Rest.IndexOf(marker, StringComparison.Ordinal);
        if (at < 0)
        {
            IsStarved |= !_isFinal;
            value = "";
            return false;
        }

        value = Rest[..at].ToString();
        Position += at + marker.Length;
        return true;
    }

    /// <summary>At least one character up to one of those given, which stays.</summary>
    public bool Word(ReadOnlySpan<char> stops, out string word)
    {
        var at = Rest.IndexOfAny(stops);
        if (at < 0 && !_isFinal)
        {
            IsStarved = true;
            word = "";
            return false;
        }

        word = (at < 0 ? Rest : Rest[..at]).ToString();
        Position += word.Length;
        return word.Length > 0;
    }

    /// <summary>
    /// A JSON object or array. Broken JSON is taken as it is up to <paramref name="stop"/>, where that stands outside
    /// of a string, so that nothing of it is lost.
    /// </summary>
    public bool Json(ReadOnlySpan<char> stop, out string json)
    {
        json = "";
        if (Rest.IsEmpty)
        {
            IsStarved |= !_isFinal;
            return false;
        }

        if (Peek is not ('{' or '['))
        {
            return false;
        }

        var end = JsonScanner.FindEnd(Rest, stop);
        if (end < 0 && _isFinal && !stop.IsEmpty)
        {
            end = Rest.IndexOf(stop, StringComparison.Ordinal);
        }

        if (end < 0)
        {
            IsStarved |= !_isFinal;
            return false;
        }

        json = Rest[..end].ToString();
        Position += end;
        return true;
    }
}
