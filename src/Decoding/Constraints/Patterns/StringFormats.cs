using System.Collections.Frozen;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Patterns;

/// <summary>A format of strings.</summary>
/// <param name="Pattern">A pattern for whole texts.</param>
/// <param name="Widest">Where the pattern is only the writable part of the format: one that no text of the format escapes.</param>
internal sealed record StringFormat(string Pattern, string? Widest = null)
{
    private readonly Lazy<(RegexSet Set, Regex Language)> _prepared = new(() => Prepare(Pattern));

    /// <summary>The contents of JSON strings of the format; prepared once and copied from then on.</summary>
    public Regex JsonContent(RegexSet set) => set.Import(_prepared.Value.Set, _prepared.Value.Language);

    private static (RegexSet Set, Regex Language) Prepare(string pattern)
    {
        var set = new RegexSet();
        return (set, new PatternCompiler(new JsonText(set)).FullMatch(pattern));
    }
}

/// <summary>The formats of JSON Schema that are enforced, as patterns.</summary>
internal static class StringFormats
{
    private const int RegexDepth = 3;

    private static readonly FrozenDictionary<string, StringFormat> Known = new Dictionary<string, StringFormat>(StringComparer.Ordinal)
    {
        ["date-time"] = new($"{Date}[tT]{Time}"),
        ["date"] = new(Date),
        ["time"] = new(Time),
        ["duration"] = new(Duration),
        ["email"] = new(Email),
        ["idn-email"] = new(Email, "[^]*@[^]*"),
        ["hostname"] = new(Hostname),
        ["ipv4"] = new(Ipv4),
        ["ipv6"] = new(Ipv6),
        ["uuid"] = new("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"),
        ["uri"] = new(Uri),
        ["uri-reference"] = new($"(?:{Uri}|{RelativeReference})"),
        ["json-pointer"] = new("(?:/(?:[^~/]|~[01])*)*"),
        ["regex"] = new(Regex(RegexDepth), "[^]*"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names of the formats.</summary>
    public static IReadOnlyList<string> Names => [.. Known.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A format, or null where it is not enforced.</summary>
    public static StringFormat? Find(string name) => Known.GetValueOrDefault(name);

    // RFC 3339, with the days of each month.
    private const string Date =
        @"(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
        + @"|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";

    private const string Time =
        @"(?:(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[zZ]|[+-](?:[01]\d|2[0-3]):[0-5]\d))|23:59:60(?:\.\d+)?[zZ])";

    // RFC 3339, appendix A.
    private const string DurationTime = @"T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S)";

    private const string Duration =
        @"P(?:\d+W|(?:\d+D|\d+M(?:\d+D)?|\d+Y(?:\d+M(?:\d+D)?)?)(?:" + DurationTime + ")?|" + DurationTime + ")";

    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    private const string Domain = Label + @"(?:\." + Label + ")*";

    // RFC 1123; the limit of 253 characters counts the dots.
    private const string Hostname = "(?=[^]{1,253}$)" + Domain;

    private const string Byte = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

    private const string Ipv4 = Byte + @"(?:\." + Byte + "){3}";

    private const string Hextet = "[0-9a-fA-F]{1,4}";

    // RFC 3986, section 3.2.2: at most one "::" stands for the missing zeros.
    private const string LastHextets = "(?:" + Hextet + ":" + Hextet + "|" + Ipv4 + ")";

    private const string Ipv6 =
        "(?:"
        + "(?:" + Hextet + ":){6}" + LastHextets
        + "|::(?:" + Hextet + ":){5}" + LastHextets
        + "|(?:" + Hextet + ")?::(?:" + Hextet + ":){4}" + LastHextets
        + "|(?:(?:" + Hextet + ":){0,1}" + Hextet + ")?::(?:" + Hextet + ":){3}" + LastHextets
        + "|(?:(?:" + Hextet + ":){0,2}" + Hextet + ")?::(?:" + Hextet + ":){2}" + LastHextets
        + "|(?:(?:" + Hextet + ":){0,3}" + Hextet + ")?::" + Hextet + ":" + LastHextets
        + "|(?:(?:" + Hextet + ":){0,4}" + Hextet + ")?::" + LastHextets
        + "|(?:(?:" + Hextet + ":){0,5}" + Hextet + ")?::" + Hextet
        + "|(?:(?:" + Hextet + ":){0,6}" + Hextet + ")?::"
        + ")";

    // RFC 5321: a dotted or quoted local part, a domain or an address literal.
    private const string LocalAtom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";

    private const string Email =
        "(?:" + LocalAtom + @"(?:\." + LocalAtom + @")*|""(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"")"
        + "@(?:" + Domain + @"|\[(?:" + Ipv4 + "|IPv6:" + Ipv6 + @")\])";

    // RFC 3986, appendix A.
    private const string Pct = "%[0-9A-Fa-f]{2}";

    private const string PChar = @"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|" + Pct + ")";

    private const string SegmentNoColon = @"(?:[A-Za-z0-9._~!$&'()*+,;=@-]|" + Pct + ")+";

    private const string Authority =
        @"(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|" + Pct + ")*@)?"
        + "(?:" + @"\[(?:" + Ipv6 + @"|[vV][0-9a-fA-F]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|" + Pct + ")*)"
        + "(?::[0-9]*)?";

    private const string PathAbsolute = "/(?:" + PChar + "+(?:/" + PChar + "*)*)?";

    private const string QueryAndFragment = @"(?:\?(?:" + PChar + @"|[/?])*)?(?:#(?:" + PChar + "|[/?])*)?";

    private const string Uri =
        "[A-Za-z][A-Za-z0-9+.-]*:(?://" + Authority + "(?:/" + PChar + "*)*|" + PathAbsolute + "|" + PChar + "+(?:/" + PChar + "*)*|)" + QueryAndFragment;

    private const string RelativeReference =
        "(?://" + Authority + "(?:/" + PChar + "*)*|" + PathAbsolute + "|" + SegmentNoColon + "(?:/" + PChar + "*)*|)" + QueryAndFragment;

    // Balanced groups are not regular: expressions with groups nested up to a depth are.
    private static string Regex(int depth)
    {
        const string Quantifier = @"(?:[*+?]\??|\{\d+(?:,\d*)?\}\??)?";
        const string Class = @"\[\^?(?:[^\]\\\[-]|\\[^]|-)*\]";
        const string Escape = @"\\(?:[dDwWsSbBtnvfr0]|[^A-Za-z0-9\s]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})";
        var atom = @"[^\\^$.*+?()[\]{}|]|\.|" + Class + "|" + Escape
            + (depth > 0 ? @"|\((?:\?[:=!])?" + Regex(depth - 1) + @"\)" : "");
        var term = "(?:[$^]|(?:" + atom + ")" + Quantifier + ")*";
        return "(?:" + term + @"(?:\|" + term + ")*)";
    }
}
