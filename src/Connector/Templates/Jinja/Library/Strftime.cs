using System.Globalization;
using System.Text;

namespace Connector.Templates.Jinja;

/// <summary>C's strftime in the C locale.</summary>
internal static class Strftime
{
    public static string Format(DateTimeOffset time, string format)
    {
        var result = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                result.Append(format[i]);
                continue;
            }

            // "%-d" is glibc's way to write a number without padding.
            var unpadded = format[i + 1] == '-' && i + 2 < format.Length;
            i += unpadded ? 2 : 1;
            var field = Field(time, format[i]);
            result.Append(!unpadded ? field : field.TrimStart('0', ' ') is { Length: > 0 } trimmed ? trimmed : "0");
        }

        return result.ToString();
    }

    private static string Field(DateTimeOffset time, char field) => field switch
    {
        'a' => Net(time, "ddd"),
        'A' => Net(time, "dddd"),
        'b' or 'h' => Net(time, "MMM"),
        'B' => Net(time, "MMMM"),
        'c' => Format(time, "%a %b %e %H:%M:%S %Y"),
        'C' => Two(time.Year / 100),
        'd' => Two(time.Day),
        'D' or 'x' => Format(time, "%m/%d/%y"),
        'e' => Spaced(time.Day),
        'f' => Net(time, "ffffff"),
        'F' => Net(time, "yyyy-MM-dd"),
        'g' => Two(ISOWeek.GetYear(time.DateTime) % 100),
        'G' => ISOWeek.GetYear(time.DateTime).ToString(CultureInfo.InvariantCulture),
        'H' => Two(time.Hour),
        'I' => Two(TwelveHour(time)),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'k' => Spaced(time.Hour),
        'l' => Spaced(TwelveHour(time)),
        'm' => Two(time.Month),
        'M' => Two(time.Minute),
        'n' => "\n",
        'p' => time.Hour < 12 ? "AM" : "PM",
        'P' => time.Hour < 12 ? "am" : "pm",
        'r' => Format(time, "%I:%M:%S %p"),
        'R' => Format(time, "%H:%M"),
        's' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'S' => Two(time.Second),
        't' => "\t",
        'T' or 'X' => Net(time, "HH:mm:ss"),
        'u' => (((int)time.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture),
        'U' => Two((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7),
        'V' => Two(ISOWeek.GetWeekOfYear(time.DateTime)),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'W' => Two((time.DayOfYear + 6 - (((int)time.DayOfWeek + 6) % 7)) / 7),
        'y' => Two(time.Year % 100),
        'Y' => time.Year.ToString(CultureInfo.InvariantCulture),
        'z' => Net(time, "zzz").Replace(":", "", StringComparison.Ordinal),
        'Z' => time.Offset == TimeSpan.Zero ? "UTC" : Net(time, "zzz"),
        '%' => "%",
        _ => throw new JinjaException($"strftime_now(): unknown directive '%{field}'"),
    };

    private static string Net(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);

    private static string Two(int value) => value.ToString("00", CultureInfo.InvariantCulture);

    private static string Spaced(int value) => value.ToString(CultureInfo.InvariantCulture).PadLeft(2);

    private static int TwelveHour(DateTimeOffset time) => (time.Hour + 11) % 12 + 1;
}
