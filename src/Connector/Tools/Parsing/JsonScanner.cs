namespace Connector.Tools.Parsing;

/// <summary>Finds the end of a JSON object or array by its brackets and quotes alone.</summary>
internal static class JsonScanner
{
    /// <summary>
    /// The length of the object or array that the text begins with, or of what stands before
    /// <paramref name="stop"/>, if that comes first outside of a string; −1 where neither ends in the text.
    /// </summary>
    public static int FindEnd(ReadOnlySpan<char> text, ReadOnlySpan<char> stop)
    {
        var depth = 0;
        var inString = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (inString)
            {
                // An escape is two characters, so an escaped quote is skipped with its backslash.
                inString = text[i] != '"';
                i += text[i] == '\\' ? 1 : 0;
                continue;
            }

            if (!stop.IsEmpty && text[i..].StartsWith(stop, StringComparison.Ordinal))
            {
                return i;
            }

            switch (text[i])
            {
                case '"':
                    inString = true;
                    break;
                case '{' or '[':
                    depth++;
                    break;
                case '}' or ']' when --depth <= 0:
                    return i + 1;
            }
        }

        return -1;
    }
}
