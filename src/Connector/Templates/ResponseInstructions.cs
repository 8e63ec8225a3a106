using System.Collections.Immutable;
using System.Text.Json;
using Connector.Templates.Jinja;

namespace Connector.Templates;

/// <summary>
/// Tells the model which JSON to answer with: through the template's own <c>response_format</c> where it reads one,
/// else once and compactly in the system message.
/// </summary>
internal sealed class ResponseInstructions
{
    private readonly string? _text;

    public ResponseInstructions(ChatTemplateInput input, string template)
    {
        if (input.ResponseSchema is null && !input.RespondsWithJson)
        {
            return;
        }

        if (template.Contains("response_format", StringComparison.Ordinal))
        {
            Variable = Format(input.ResponseSchema);
            return;
        }

        _text = input.ResponseSchema is { } schema
            ? $"Answer with JSON that fits this JSON Schema, and nothing else:\n{Compact(schema)}"
            : "Answer with a JSON object and nothing else.";
    }

    /// <summary>The variable <c>response_format</c>, or null.</summary>
    public JinjaValue? Variable { get; }

    public ImmutableArray<TemplateMessage> AddTo(ImmutableArray<TemplateMessage> messages)
    {
        if (_text is null)
        {
            return messages;
        }

        // After the last of the leading system messages: all of them become one.
        var place = messages.TakeWhile(m => m.Role == TemplateMessage.System).Count();
        return messages.Insert(place, new TemplateMessage(TemplateMessage.System, _text));
    }

    private static string Compact(JsonElement schema) =>
        JsonText.Write(JsonText.FromJson(schema), new JsonStyle(ItemSeparator: ",", KeySeparator: ":"), new RenderBudget(new TemplateLimits())).Text;

    private static JinjaDictionary Format(JsonElement? schema) => schema is { } element
        ? new JinjaDictionary()
            .With("type", JinjaString.Template("json_schema"))
            .With("json_schema", new JinjaDictionary()
                .With("name", JinjaString.Template("response"))
                .With("schema", JsonText.FromJson(element)))
        : new JinjaDictionary().With("type", JinjaString.Template("json_object"));
}
