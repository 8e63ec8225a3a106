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
internal sealed record ForcedCut(int Previous, int[] Tokens, int Firm, bool IsJoined);

/// <summary>What text stands before a place, as far as habits of writing spaces care.</summary>
internal enum TextBefore
{
    Other,
    Space,
    Separator,
    Brace,
}

/// <summary>What must follow a configuration: surely, and with each habit of writing the spaces that are left open.</summary>
internal sealed class ForcedRuns
{
    private const int Befores = (int)TextBefore.Brace + 1;
    private ForcedRun?[]? _runs;

    /// <summary>The text with spaces as guessed, or where that is null what is sure; null while it is not known. Set under the constraint's lock.</summary>
    public ForcedRun? this[OptionalSpaces? spaces, TextBefore before]
    {
        get => Volatile.Read(ref _runs) is { } runs ? Volatile.Read(ref runs[At(spaces, before)]) : null;
        set
        {
            var runs = _runs ?? new ForcedRun?[At(OptionalSpaces.InsideBraces, TextBefore.Brace) + 1];
            Volatile.Write(ref runs[At(spaces, before)], value);
            Volatile.Write(ref _runs, runs);
        }
    }

    private static int At(OptionalSpaces? spaces, TextBefore before) => spaces is { } habit ? 1 + ((int)habit * Befores) + (int)before : 0;
}
