using System.Text.Json;
using Connector.Templates.Jinja;

namespace Connector.Tools;

/// <summary>JSON as tool formats read and write it: Python's spacing, no needless escapes.</summary>
internal static class ToolJson
{
    private static readonly JsonStyle s_style = new();

    public static string Quote(string text) => Write(JinjaString.Data(text));

    public static string Write(JsonElement value) => Write(JsonText.FromJson(value));

    /// <summary>Some JSON text in the style of templates; as it is where it is malformed.</summary>
    public static string Normalize(string json) => TryParse(json, out var value) ? Write(value) : json;

    /// <summary>A tool's signature in the usual form.</summary>
    public static string Signature(ToolSignature tool) => Write(new JinjaDictionary()
        .With("type", JinjaString.Data("function"))
        .With("function", new JinjaDictionary()
            .With("name", JinjaString.Data(tool.Name))
            .With("description", JinjaString.Data(tool.Description))
            .With("parameters", JsonText.FromJson(tool.Schema))));

    public static bool TryParse(string json, out JsonElement value)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            value = document.RootElement.Clone();
            return true;
        }
        catch (JsonException)
        {
            value = default;
            return false;
        }
    }

    /// <summary>The members of a JSON object; none where the text is no object.</summary>
    public static IEnumerable<JsonProperty> Members(string json) =>
        TryParse(json, out var value) && value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];

    private static string Write(JinjaValue value) => JsonText.Write(value, s_style, new RenderBudget(new TemplateLimits())).Text;
}
