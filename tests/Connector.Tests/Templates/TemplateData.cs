using System.Text.Json;
using Connector.Templates.Jinja;

namespace Connector.Tests.Templates;

/// <summary>The real templates and conversations beside the tests.</summary>
internal static class TemplateData
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Templates", "Data");

    public static JsonElement Cases { get; } = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder, "cases.json"))).RootElement;

    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(s_folder, "templates"), "*.jinja").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    public static TimeProvider Clock { get; } = new FixedClock(DateTime.Parse(Cases.GetProperty("now").GetString()!, System.Globalization.CultureInfo.InvariantCulture));

    public static string Template(string name) => File.ReadAllText(Path.Combine(s_folder, "templates", name + ".jinja"));

    public static IEnumerable<JsonElement> Expected() =>
        File.ReadLines(Path.Combine(s_folder, "expected.jsonl")).Select(line => JsonDocument.Parse(line).RootElement);

    public static Dictionary<string, JinjaValue> Variables(string name)
    {
        var variables = new Dictionary<string, JinjaValue>(StringComparer.Ordinal)
        {
            ["bos_token"] = JinjaString.Template(Cases.GetProperty("bos_token").GetString()!),
            ["eos_token"] = JinjaString.Template(Cases.GetProperty("eos_token").GetString()!),
        };
        foreach (var property in Cases.GetProperty("cases").GetProperty(name).EnumerateObject())
        {
            variables[property.Name] = JsonText.FromJson(property.Value);
        }

        return variables;
    }

    private sealed class FixedClock(DateTime now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(now, TimeSpan.Zero);
    }
}
