namespace Connector.Decoding.Constraints.Masks;

/// <summary>Text that must follow because nothing else can.</summary>
/// <param name="Bytes">The text.</param>
/// <param name="IsLast">Whether nothing at all may follow it.</param>
internal sealed record ForcedRun(byte[] Bytes, bool IsLast)
{
    /// <summary>How it was cut last: nearly always the token before is the same again.</summary>
    public ForcedCut? LastCut { get; set; }
}

/// <summary>The tokens of forced text behind a token.</summary>
internal sealed record ForcedCut(int Previous, int[] Tokens);

/// <summary>What must follow a configuration: surely, and with each habit of writing the spaces that are left open.</summary>
internal sealed class ForcedRuns
{
    private ForcedRun? _sure;
    private ForcedRun? _compact;
    private ForcedRun? _spaced;
    private ForcedRun? _spacedAfterSeparator;

    /// <summary>The text with spaces as guessed, or where that is null what is sure; null while it is not known.</summary>
    public ForcedRun? this[OptionalSpaces? spaces, bool isAfterSeparator]
    {
        get => Volatile.Read(ref At(spaces, isAfterSeparator));
        set => Volatile.Write(ref At(spaces, isAfterSeparator), value);
    }

    private ref ForcedRun? At(OptionalSpaces? spaces, bool isAfterSeparator)
    {
        switch (spaces)
        {
            case null: return ref _sure;
            case OptionalSpaces.Nowhere: return ref _compact;
            default: return ref isAfterSeparator ? ref _spacedAfterSeparator : ref _spaced;
        }
    }
}
