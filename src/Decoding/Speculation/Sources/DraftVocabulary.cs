namespace Connector.Decoding.Speculation;

/// <summary>Whether two models speak of the same tokens.</summary>
internal static class DraftVocabulary
{
    /// <summary>
    /// Vocabularies may differ in length by this many entries: models of one family pad their output layers differently.
    /// The entries that only one of them has are never drafted.
    /// </summary>
    public const int MaxPadding = 128;

    /// <summary>Checks sizes, special tokens and pieces.</summary>
    /// <exception cref="ArgumentException">They differ; the message says where.</exception>
    public static void Check(string name, Vocabulary draft, Vocabulary target)
    {
        if (Difference(draft, target) is { } difference)
        {
            throw new ArgumentException($"'{name}' cannot draft: its vocabulary is not that of the deciding model ({difference}).", nameof(draft));
        }
    }

    private static string? Difference(Vocabulary draft, Vocabulary target)
    {
        if (Math.Abs(draft.Count - target.Count) > MaxPadding)
        {
            return $"{draft.Count} tokens against {target.Count}; up to {MaxPadding} may be padding";
        }

        if (draft.BeginOfSequence != target.BeginOfSequence)
        {
            return $"sequences begin with token {draft.BeginOfSequence?.ToString(null, null) ?? "none"} against {target.BeginOfSequence?.ToString(null, null) ?? "none"}";
        }

        if (draft.Hash == target.Hash)
        {
            return null;
        }

        for (var token = 0; token < Math.Min(draft.Count, target.Count); token++)
        {
            if (!draft.Piece(token).SequenceEqual(target.Piece(token)) || draft.Written(token) != target.Written(token))
            {
                return $"token {token} is '{draft.Written(token)}' against '{target.Written(token)}'";
            }

            if (draft.Kinds(token) != target.Kinds(token))
            {
                return $"token {token}, '{target.Written(token)}', is {draft.Kinds(token)} against {target.Kinds(token)}";
            }
        }

        return null;
    }
}
