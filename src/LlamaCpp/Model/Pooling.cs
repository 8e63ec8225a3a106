namespace Connector.LlamaCpp;

/// <summary>How an embedding model makes one vector of a text's tokens.</summary>
public enum Pooling
{
    /// <summary>It does not: one vector a token.</summary>
    None = 0,

    /// <summary>The mean over the tokens.</summary>
    Mean = 1,

    /// <summary>The first token's vector.</summary>
    First = 2,

    /// <summary>The last token's vector.</summary>
    Last = 3,

    /// <summary>A score by a classification head: a reranking model.</summary>
    Rank = 4,
}
