using Connector.Decoding.Sampling;

namespace Connector.Decoding.Speculation;

/// <summary>How far a draft model has read the text of one slot, and what it guessed there in this step. Not thread-safe.</summary>
internal sealed class DraftReader(int sequence)
{
    /// <summary>A node that is none.</summary>
    public const int Nowhere = -1;

    /// <summary>A guess that was not asked for.</summary>
    public const int NotAsked = -1;

    private int _filled;

    /// <summary>Its sequence in the draft model's context.</summary>
    public int Sequence { get; } = sequence;

    /// <summary>What is in the draft model's cache.</summary>
    public TokenList Tokens { get; } = new();

    /// <summary>What is to be read next, after <see cref="Tokens"/>.</summary>
    public TokenList Wanted { get; } = new();

    /// <summary>Its first guess at each place it was asked about in this step.</summary>
    public TokenList Predicted { get; } = new();

    /// <summary>The drafted tokens it read in this step.</summary>
    public TokenList Path { get; } = new();

    /// <summary>The row whose logits follow what was read last; −1: there is none.</summary>
    public int Row { get; private set; } = -1;

    /// <summary>The node of the draft tree that those logits are for.</summary>
    public int Node { get; set; } = Nowhere;

    /// <summary>Whether the text is drafted for without the model.</summary>
    public bool IsLost { get; set; }

    /// <summary>The noise of the token that is guessed next; null: the likeliest is.</summary>
    public GumbelNoise.Key? Luck { get; set; }

    /// <summary>What its logits are divided by where there is noise.</summary>
    public float Temperature { get; set; }

    /// <summary>Ends a step; what was read stays read.</summary>
    public void Forget()
    {
        Predicted.Clear();
        Path.Clear();
        Wanted.Clear();
        Row = -1;
        Node = Nowhere;
        _filled = 0;
    }

    /// <summary>Adds rows while there is room; the end of the text only in the last call, with logits.</summary>
    public void Fill(TokenBatch batch, bool isLast, int maxOutputs)
    {
        var wanted = Wanted.Count - (isLast || Wanted.Count == 0 ? 0 : 1);
        _filled = batch.OutputCount < maxOutputs ? Math.Min(batch.Capacity - batch.Count, wanted) : 0;
        Row = -1;
        for (var i = 0; i < _filled; i++)
        {
            var isEnd = i == Wanted.Count - 1;
            var row = batch.Add(Wanted[i], Tokens.Count + i, Sequence, isEnd);
            Row = isEnd ? row : Row;
        }
    }

    /// <summary>What was filled in has been evaluated.</summary>
    public void Advance()
    {
        if (_filled > 0)
        {
            Tokens.Add(Wanted.Span[.._filled]);
            Wanted.RemoveFirst(_filled);
            _filled = 0;
        }
    }
}
