namespace Connector.Tools.Parsing;

/// <summary>How much of the end of a text must be held back because it may turn into something else.</summary>
internal static class HeldText
{
    /// <summary>The length of the longest end of the text that one of the markers begins with.</summary>
    public static int PartialMarker(ReadOnlySpan<char> text, IEnumerable<string> markers)
    {
        var longest = 0;
        foreach (var marker in markers)
        {
            for (var length = Math.Min(marker.Length - 1, text.Length); length > longest; length--)
            {
                if (text.EndsWith(marker.AsSpan(0, length), StringComparison.Ordinal))
                {
                    longest = length;
                    break;
                }
            }
        }

        return longest;
    }

    /// <summary>Where one of the markers first stands, and which; −1 where none does.</summary>
    public static int Find(ReadOnlySpan<char> text, IEnumerable<string> markers, out string found)
    {
        var first = -1;
        found = "";
        foreach (var marker in markers)
        {
            var at = text.IndexOf(marker, StringComparison.Ordinal);
            if (at >= 0 && (first < 0 || at < first || (at == first && marker.Length > found.Length)))
            {
                (first, found) = (at, marker);
            }
        }

        return first;
    }

    /// <summary>The length of the white space that the text ends with.</summary>
    public static int TrailingSpace(ReadOnlySpan<char> text) => text.Length - text.TrimEnd().Length;
}
