namespace Connector.Decoding;

/// <summary>Text to tokens. Thread-safe.</summary>
public interface ITokenizer
{
    /// <summary>
    /// Tokenises text; no begin or end token is added.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="parseSpecial">
    /// Whether the written form of a control token, such as <c>&lt;|im_end|&gt;</c>, becomes that token (text of a
    /// template) or stays the characters it is (text of a user).
    /// </param>
    int[] Tokenize(string text, bool parseSpecial);
}
