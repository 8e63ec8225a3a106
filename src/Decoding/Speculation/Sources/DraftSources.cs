namespace Connector.Decoding.Speculation;

/// <summary>The built-in draft sources that need no second model. Each value serves one engine.</summary>
public static class DraftSources
{
    /// <summary>The tokens that a request's constraint leaves no choice about.</summary>
    public static IDraftSource Grammar() => new GrammarDraft();

    /// <summary>What followed earlier places of the request's own prompt and answer that end alike (Oliaro et al., SuffixDecoding, 2024).</summary>
    /// <param name="tokens">Tokens per request that are searched, latest first. Default 131,072.</param>
    public static IDraftSource RequestSuffixes(int tokens = 1 << 17) => new SuffixDraft(SuffixScope.Request, tokens);

    /// <summary>What followed such places in answers that were finished.</summary>
    /// <param name="tokens">Tokens that are kept, oldest out first. Default 262,144.</param>
    public static IDraftSource FinishedSuffixes(int tokens = 1 << 18) => new SuffixDraft(SuffixScope.Finished, tokens);

    /// <summary>What the model itself thought would follow a token, the last time it looked (Luo et al., Token Recycling, 2024).</summary>
    /// <param name="vocabulary">The model's vocabulary; 48 bytes per token.</param>
    public static IDraftSource Recycling(Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new TokenRecycling(vocabulary.Count);
    }
}
