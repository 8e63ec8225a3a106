using System.Runtime.InteropServices;

namespace Connector.Decoding.Sampling;

/// <summary>
/// The tokens of a request so far, prompt and answer, with counts of the answer's tokens: what penalties look at.
/// Appending costs constant time. Not thread-safe.
/// </summary>
public sealed class TokenHistory
{
    private readonly Dictionary<int, int> _counts = [];
    private int[] _tokens;

    /// <summary>Starts from a prompt.</summary>
    /// <param name="prompt">The prompt's tokens; may be empty.</param>
    /// <param name="expected">How many tokens will be appended, so that appending them needs no memory. Default 0.</param>
    public TokenHistory(ReadOnlySpan<int> prompt, int expected = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expected);
        _tokens = new int[Math.Max(prompt.Length + expected, 16)];
        prompt.CopyTo(_tokens);
        Count = PromptLength = prompt.Length;
        _counts.EnsureCapacity(expected);
    }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptLength { get; }

    /// <summary>All tokens: those of the prompt and those appended.</summary>
    public int Count { get; private set; }

    /// <summary>Tokens appended; also the position of the next token in the noise of <see cref="GumbelNoise"/>.</summary>
    public int GeneratedCount => Count - PromptLength;

    /// <summary>Prompt and answer. Valid until the next <see cref="Append"/>.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>The answer. Valid until the next <see cref="Append"/>.</summary>
    public ReadOnlySpan<int> Generated => _tokens.AsSpan(PromptLength, Count - PromptLength);

    /// <summary>How often each token occurs in the answer.</summary>
    internal Dictionary<int, int> GeneratedCounts => _counts;

    /// <summary>How often a token occurs in the answer.</summary>
    public int CountInAnswer(int token) => _counts.GetValueOrDefault(token);

    /// <summary>Adds a token to the answer.</summary>
    public void Append(int token)
    {
        if (Count == _tokens.Length)
        {
            Array.Resize(ref _tokens, _tokens.Length * 2);
        }

        _tokens[Count++] = token;
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, token, out _)++;
    }
}
