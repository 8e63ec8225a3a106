using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Patterns;

/// <summary>How code points are written as bytes. A pattern speaks of code points, a mask of the bytes that spell them.</summary>
internal abstract class TextEncoding(RegexSet regexes)
{
    private readonly Dictionary<CodePointSet, Regex> _sets = [];

    /// <summary>The set that the languages belong to.</summary>
    public RegexSet Regexes { get; } = regexes;

    /// <summary>Any text.</summary>
    public Regex AnyText => Regexes.Repeat(One(CodePointSet.All), 0);

    /// <summary>One code point of a set, in every spelling.</summary>
    public Regex One(CodePointSet set)
    {
        if (!_sets.TryGetValue(set, out var regex))
        {
            _sets[set] = regex = Spell(set);
        }

        return regex;
    }

    /// <summary>Exactly a text, in every spelling of each of its code points.</summary>
    public Regex Literal(string text) =>
        Regexes.Concat([.. text.EnumerateRunes().Select(r => One(CodePointSet.Single(r.Value)))]);

    /// <summary>All texts that are not of the language.</summary>
    public Regex Except(Regex regex) => Regexes.Except(AnyText, regex);

    /// <summary>One code point of a set that is not empty, in every spelling.</summary>
    protected abstract Regex Spell(CodePointSet set);
}

/// <summary>Plain UTF-8.</summary>
internal sealed class Utf8Text(RegexSet regexes) : TextEncoding(regexes)
{
    /// <inheritdoc/>
    protected override Regex Spell(CodePointSet set) => Regexes.CodePoints(set.Ranges.AsSpan());
}
