using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Connector.Decoding;

/// <summary>What a token is besides its bytes.</summary>
[Flags]
public enum TokenKinds
{
    /// <summary>Ordinary text.</summary>
    None = 0,

    /// <summary>A control token: it has a written form but contributes no bytes to the text.</summary>
    Control = 1,

    /// <summary>Generation ends with it.</summary>
    EndOfGeneration = 2,

    /// <summary>One raw byte of a byte-fallback vocabulary.</summary>
    Byte = 4,

    /// <summary>Never generated: unknown or unused entries.</summary>
    Unused = 8,
}

/// <summary>One entry of a vocabulary.</summary>
/// <param name="Piece">The bytes it contributes to the text; empty for control tokens.</param>
/// <param name="Written">Its written form: the piece of an ordinary token, the name of a control token.</param>
/// <param name="Kinds">What it is.</param>
public readonly record struct VocabularyToken(ReadOnlyMemory<byte> Piece, string Written, TokenKinds Kinds);

/// <summary>The tokens of a model: their bytes, their kinds, and how text becomes tokens. Immutable and thread-safe.</summary>
public sealed class Vocabulary : ITokenizer
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly TokenKinds[] _kinds;
    private readonly string[] _written;
    private readonly ITokenizer _tokenizer;
    private readonly Lazy<string> _hash;

    /// <summary>Builds a vocabulary.</summary>
    /// <param name="tokens">The tokens; their index is their id. May be longer than what the tokenizer can produce.</param>
    /// <param name="tokenizer">Text to tokens.</param>
    /// <param name="beginOfSequence">The token that begins a sequence, or null where the model has none.</param>
    /// <param name="addsBeginOfSequence">Whether the model expects that token at the start of every prompt.</param>
    public Vocabulary(IReadOnlyList<VocabularyToken> tokens, ITokenizer tokenizer, int? beginOfSequence = null, bool addsBeginOfSequence = false)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Count, nameof(tokens));
        _tokenizer = tokenizer;
        _starts = new int[tokens.Count + 1];
        _kinds = new TokenKinds[tokens.Count];
        _written = new string[tokens.Count];
        for (var i = 0; i < tokens.Count; i++)
        {
            _starts[i + 1] = _starts[i] + tokens[i].Piece.Length;
            _kinds[i] = tokens[i].Kinds;
            _written[i] = tokens[i].Written;
        }

        _bytes = new byte[_starts[^1]];
        for (var i = 0; i < tokens.Count; i++)
        {
            tokens[i].Piece.Span.CopyTo(_bytes.AsSpan(_starts[i]));
        }

        BeginOfSequence = beginOfSequence;
        AddsBeginOfSequence = addsBeginOfSequence;
        EndOfGeneration = [.. Enumerable.Range(0, tokens.Count).Where(t => _kinds[t].HasFlag(TokenKinds.EndOfGeneration))];
        _hash = new Lazy<string>(ComputeHash);
    }

    /// <summary>Tokens in the vocabulary, which is also the number of logits of a row.</summary>
    public int Count => _kinds.Length;

    /// <summary>The token that begins a sequence, or null.</summary>
    public int? BeginOfSequence { get; }

    /// <summary>Whether every prompt starts with <see cref="BeginOfSequence"/>.</summary>
    public bool AddsBeginOfSequence { get; }

    /// <summary>All tokens that end a generation, ascending.</summary>
    public ImmutableArray<int> EndOfGeneration { get; }

    /// <summary>Identifies the vocabulary: equal for equal pieces and kinds, in hexadecimal. Computed once, on first use.</summary>
    public string Hash => _hash.Value;

    /// <summary>The bytes a token contributes to the text; empty for control tokens.</summary>
    public ReadOnlySpan<byte> Piece(int token) => _bytes.AsSpan(_starts[token], _starts[token + 1] - _starts[token]);

    /// <summary>The written form of a token: that of a control token is its name, such as <c>&lt;|im_end|&gt;</c>.</summary>
    public string Written(int token) => _written[token];

    /// <summary>What a token is besides its bytes.</summary>
    public TokenKinds Kinds(int token) => _kinds[token];

    /// <summary>Whether generation ends with this token.</summary>
    public bool IsEndOfGeneration(int token) => (_kinds[token] & TokenKinds.EndOfGeneration) != TokenKinds.None;

    /// <summary>Whether this is a control token, which contributes no bytes to the text.</summary>
    public bool IsControl(int token) => (_kinds[token] & TokenKinds.Control) != TokenKinds.None;

    /// <inheritdoc/>
    public int[] Tokenize(string text, bool parseSpecial) => _tokenizer.Tokenize(text, parseSpecial);

    /// <summary>The text of tokens: pieces joined and decoded as UTF-8, control tokens left out or written.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="writeControl">Whether control tokens appear in their written form. Default: they are left out.</param>
    public string Decode(ReadOnlySpan<int> tokens, bool writeControl = false)
    {
        var bytes = new List<byte>(tokens.Length * 4);
        foreach (var token in tokens)
        {
            bytes.AddRange(writeControl && IsControl(token) ? Encoding.UTF8.GetBytes(Written(token)) : Piece(token));
        }

        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes));
    }

    private string ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<int>(_starts));
        hash.AppendData(MemoryMarshal.AsBytes<TokenKinds>(_kinds));
        hash.AppendData(_bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
