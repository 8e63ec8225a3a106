using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Connector.TestSupport.JsonSchema;

/// <summary>The formats of JSON Schema, checked by splitting and comparing rather than by one expression.</summary>
internal static class SimpleFormats
{
    public static bool IsValid(string format, string text) => format switch
    {
        "date" => IsDate(text),
        "time" => IsTime(text),
        "date-time" => text.Length > 11 && text[10] is 'T' or 't' && IsDate(text[..10]) && IsTime(text[11..]),
        "duration" => IsDuration(text),
        "email" or "idn-email" => IsEmail(text),
        "hostname" => IsHostname(text),
        "ipv4" => IsIpv4(text),
        "ipv6" => IsIpv6(text),
        "uuid" => text.Length == 36 && Guid.TryParseExact(text, "D", out _),
        "uri" => Regex.IsMatch(text, "^[A-Za-z][A-Za-z0-9+.-]*:") && IsUriText(text),
        "uri-reference" => IsUriText(text),
        "json-pointer" => text.Length == 0 || (text[0] == '/' && !Regex.IsMatch(text, "~(?![01])")),
        "regex" => IsRegex(text),
        _ => true,
    };

    private static bool IsDate(string text) =>
        text.Length == 10 && text.All(c => char.IsAscii(c)) && text[..4].All(char.IsAsciiDigit) && text[4] == '-' && text[7] == '-'
        && int.TryParse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year)
        && int.TryParse(text.AsSpan(5, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var month)
        && int.TryParse(text.AsSpan(8, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var day)
        && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year == 0 ? 2000 : year, month);

    private static bool IsTime(string text)
    {
        var match = Regex.Match(text, @"^([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?([zZ]|[+-]([0-9]{2}):([0-9]{2}))\z");
        if (!match.Success)
        {
            return false;
        }

        int Part(int group) => match.Groups[group].Success ? int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;
        var isLeap = Part(1) == 23 && Part(2) == 59 && Part(3) == 60;
        return Part(1) < 24 && Part(2) < 60 && (Part(3) < 60 || isLeap) && Part(6) < 24 && Part(7) < 60;
    }

    private static bool IsDuration(string text)
    {
        if (text.Length < 2 || text[0] != 'P' || text.Any(c => !char.IsAscii(c)))
        {
            return false;
        }

        if (Regex.IsMatch(text, @"^P[0-9]+W\z"))
        {
            return true;
        }

        // Units in order and, within the date and within the time, without gaps.
        var halves = text[1..].Split('T');
        return halves.Length <= 2 && Units(halves[0], "YMD", canBeEmpty: halves.Length == 2) && (halves.Length == 1 || Units(halves[1], "HMS", canBeEmpty: false));

        static bool Units(string part, string units, bool canBeEmpty)
        {
            var matches = Regex.Matches(part, "([0-9]+)([A-Z])");
            var letters = string.Concat(matches.Select(m => m.Groups[2].Value));
            return string.Concat(matches.Select(m => m.Value)) == part && (letters.Length > 0 ? units.Contains(letters, StringComparison.Ordinal) : canBeEmpty);
        }
    }

    private static bool IsEmail(string text)
    {
        var at = text.LastIndexOf('@');
        if (at < 1)
        {
            return false;
        }

        var (local, domain) = (text[..at], text[(at + 1)..]);
        var isQuoted = local.Length >= 2 && local[0] == '"' && local[^1] == '"' && Regex.IsMatch(local[1..^1], @"^(?:[ -!#-\[\]-~]|\\[ -~])*\z");
        var isDotted = local.Split('.').All(a => a.Length > 0 && a.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".Contains(c, StringComparison.Ordinal)));
        var isLiteral = domain.StartsWith('[') && domain.EndsWith(']')
            && (IsIpv4(domain[1..^1]) || (domain.StartsWith("[IPv6:", StringComparison.Ordinal) && IsIpv6(domain[6..^1])));
        return (isQuoted || isDotted) && (isLiteral || Labels(domain));
    }

    private static bool IsHostname(string text) => text.Length is > 0 and <= 253 && Labels(text);

    private static bool Labels(string text) => text.Split('.').All(l =>
        l.Length is > 0 and <= 63 && l[0] != '-' && l[^1] != '-' && l.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));

    private static bool IsIpv4(string text) => text.Split('.') is { Length: 4 } parts
        && parts.All(p => p.Length is > 0 and <= 3 && p.All(char.IsAsciiDigit) && int.Parse(p, CultureInfo.InvariantCulture) < 256 && (p == "0" || p[0] != '0'));

    private static bool IsIpv6(string text) =>
        text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')
        && text.Split(':').All(p => p.Length <= 4 || p.Contains('.', StringComparison.Ordinal))
        && (!text.Contains('.', StringComparison.Ordinal) || IsIpv4(text[(text.LastIndexOf(':') + 1)..]))
        && !text.Contains(":::", StringComparison.Ordinal)
        && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;

    // RFC 3986's characters, escapes and the shape of authority; good enough to catch what is not a URI reference.
    private static bool IsUriText(string text)
    {
        var match = Regex.Match(text, @"^(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?\z");
        var scheme = match.Groups[1];
        const string Chars = @"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}";
        return (!scheme.Success || Regex.IsMatch(scheme.Value, @"^[A-Za-z][A-Za-z0-9+.-]*\z"))
            && Regex.IsMatch(match.Groups[2].Value, "^" + Chars + @"|\[[0-9A-Fa-fvV:.]+\])*\z")
            && Regex.IsMatch(match.Groups[3].Value, "^" + Chars + @"|/)*\z")
            && Regex.IsMatch(match.Groups[4].Value, "^" + Chars + @"|[/?])*\z")
            && Regex.IsMatch(match.Groups[5].Value, "^" + Chars + @"|[/?])*\z");
    }

    private static bool IsRegex(string text)
    {
        try
        {
            _ = new Regex(text, RegexOptions.ECMAScript);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
