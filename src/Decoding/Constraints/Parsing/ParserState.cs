namespace Connector.Decoding.Constraints.Parsing;

/// <summary>What a state of the <see cref="Parser"/> expects. Immutable once expanded.</summary>
internal sealed class ParserState(bool accepts, int[] lexemes, int[] starts, Item[] items, (int Set, Item Item)[] tokens)
{
    /// <summary>Whether the text may end here.</summary>
    public bool Accepts => accepts;

    /// <summary>The lexemes that may follow, ascending.</summary>
    public int[] Lexemes => lexemes;

    /// <summary>The sets of tokens that may follow, and the item after each.</summary>
    public (int Set, Item Item)[] Tokens => tokens;

    /// <summary>The lexer's state that reads any of the lexemes; marked 0 where the text may end or a token follow.</summary>
    public int LexerStart { get; set; }

    /// <summary>The items after a lexeme; none where it is not expected.</summary>
    public ReadOnlySpan<Item> After(int lexeme)
    {
        var index = Array.BinarySearch(lexemes, lexeme);
        return index < 0 ? default : items.AsSpan(starts[index], starts[index + 1] - starts[index]);
    }
}
