using System.Collections.Concurrent;
using System.Globalization;

namespace Connector.Decoding.Constraints.Patterns;

/// <summary>The named character classes of ECMA-262 patterns.</summary>
internal static class CharacterClasses
{
    private static readonly ConcurrentDictionary<string, CodePointSet?> Properties = new(StringComparer.Ordinal);

    private static readonly Lazy<Dictionary<string, CodePointSet>> Categories = new(ComputeCategories);

    /// <summary><c>\d</c>: the ASCII digits.</summary>
    public static CodePointSet Digit { get; } = CodePointSet.Of(('0', '9'));

    /// <summary><c>\w</c>: ASCII letters, digits and the underscore.</summary>
    public static CodePointSet Word { get; } = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    /// <summary><c>\s</c>: white space and line terminators.</summary>
    public static CodePointSet Space { get; } = CodePointSet.Of(
        ('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    /// <summary><c>.</c>: everything but line terminators.</summary>
    public static CodePointSet Dot { get; } = CodePointSet.Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)).Complement();

    /// <summary>The set of <c>\p{name}</c>, or null where the property is not known: general categories, Any, ASCII and a few more are.</summary>
    public static CodePointSet? Property(string name) => Properties.GetOrAdd(name, FindProperty);

    private static CodePointSet? FindProperty(string name)
    {
        var equals = name.IndexOf('=', StringComparison.Ordinal);
        if (equals >= 0)
        {
            return name[..equals] is "gc" or "General_Category" ? FindCategory(name[(equals + 1)..]) : null;
        }

        return name switch
        {
            "Any" => CodePointSet.All,
            "ASCII" => CodePointSet.Of((0, 0x7F)),
            "ASCII_Hex_Digit" or "AHex" => CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
            "White_Space" or "space" => CodePointSet.Of(Space.Ranges.Where(r => r.First != 0xFEFF).Append((0x85, 0x85))),
            _ => FindCategory(name),
        };
    }

    private static CodePointSet? FindCategory(string name)
    {
        var shortName = name switch
        {
            "Letter" => "L",
            "Lowercase_Letter" => "Ll",
            "Uppercase_Letter" => "Lu",
            "Titlecase_Letter" => "Lt",
            "Modifier_Letter" => "Lm",
            "Other_Letter" => "Lo",
            "Mark" or "Combining_Mark" => "M",
            "Nonspacing_Mark" => "Mn",
            "Spacing_Mark" => "Mc",
            "Enclosing_Mark" => "Me",
            "Number" => "N",
            "Decimal_Number" or "digit" => "Nd",
            "Letter_Number" => "Nl",
            "Other_Number" => "No",
            "Punctuation" or "punct" => "P",
            "Connector_Punctuation" => "Pc",
            "Dash_Punctuation" => "Pd",
            "Open_Punctuation" => "Ps",
            "Close_Punctuation" => "Pe",
            "Initial_Punctuation" => "Pi",
            "Final_Punctuation" => "Pf",
            "Other_Punctuation" => "Po",
            "Symbol" => "S",
            "Math_Symbol" => "Sm",
            "Currency_Symbol" => "Sc",
            "Modifier_Symbol" => "Sk",
            "Other_Symbol" => "So",
            "Separator" => "Z",
            "Space_Separator" => "Zs",
            "Line_Separator" => "Zl",
            "Paragraph_Separator" => "Zp",
            "Other" => "C",
            "Control" or "cntrl" => "Cc",
            "Format" => "Cf",
            "Private_Use" => "Co",
            "Unassigned" => "Cn",
            _ => name,
        };
        return Categories.Value.GetValueOrDefault(shortName);
    }

    private static Dictionary<string, CodePointSet> ComputeCategories()
    {
        var ranges = new Dictionary<string, List<(int First, int Last)>>(StringComparer.Ordinal);
        var first = 0;
        for (var c = 1; c <= CodePointSet.Max + 1; c++)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(first);
            if (c <= CodePointSet.Max && CharUnicodeInfo.GetUnicodeCategory(c) == category)
            {
                continue;
            }

            foreach (var name in NamesOf(category))
            {
                if (!ranges.TryGetValue(name, out var list))
                {
                    ranges[name] = list = [];
                }

                list.Add((first, c - 1));
            }

            first = c;
        }

        return ranges.ToDictionary(p => p.Key, p => CodePointSet.Of(p.Value), StringComparer.Ordinal);
    }

    private static IEnumerable<string> NamesOf(UnicodeCategory category)
    {
        var name = category switch
        {
            UnicodeCategory.UppercaseLetter => "Lu",
            UnicodeCategory.LowercaseLetter => "Ll",
            UnicodeCategory.TitlecaseLetter => "Lt",
            UnicodeCategory.ModifierLetter => "Lm",
            UnicodeCategory.OtherLetter => "Lo",
            UnicodeCategory.NonSpacingMark => "Mn",
            UnicodeCategory.SpacingCombiningMark => "Mc",
            UnicodeCategory.EnclosingMark => "Me",
            UnicodeCategory.DecimalDigitNumber => "Nd",
            UnicodeCategory.LetterNumber => "Nl",
            UnicodeCategory.OtherNumber => "No",
            UnicodeCategory.SpaceSeparator => "Zs",
            UnicodeCategory.LineSeparator => "Zl",
            UnicodeCategory.ParagraphSeparator => "Zp",
            UnicodeCategory.Control => "Cc",
            UnicodeCategory.Format => "Cf",
            UnicodeCategory.Surrogate => "Cs",
            UnicodeCategory.PrivateUse => "Co",
            UnicodeCategory.ConnectorPunctuation => "Pc",
            UnicodeCategory.DashPunctuation => "Pd",
            UnicodeCategory.OpenPunctuation => "Ps",
            UnicodeCategory.ClosePunctuation => "Pe",
            UnicodeCategory.InitialQuotePunctuation => "Pi",
            UnicodeCategory.FinalQuotePunctuation => "Pf",
            UnicodeCategory.OtherPunctuation => "Po",
            UnicodeCategory.MathSymbol => "Sm",
            UnicodeCategory.CurrencySymbol => "Sc",
            UnicodeCategory.ModifierSymbol => "Sk",
            UnicodeCategory.OtherSymbol => "So",
            _ => "Cn",
        };
        yield return name;
        yield return name[..1];
        if (name is "Lu" or "Ll" or "Lt")
        {
            yield return "LC";
        }
    }
}
