using System.Collections.Immutable;
using System.Text.Json;
using Connector.Templates.Jinja;
using Microsoft.Extensions.AI;

namespace Connector.Templates;

/// <summary>The variables of a template. All text of messages and tools counts as data; only known roles do not.</summary>
internal static class TemplateValues
{
    public static JinjaList Messages(IEnumerable<TemplateMessage> messages, TemplateTraits traits) =>
        new(messages.Select(m => (JinjaValue)Message(m, traits)));

    public static JinjaList Tools(IEnumerable<AIFunctionDeclaration> tools) => new(tools.Select(tool =>
        (JinjaValue)new JinjaDictionary()
            .With("type", JinjaString.Template("function"))
            .With("function", new JinjaDictionary()
                .With("name", JinjaString.Data(tool.Name))
                .With("description", JinjaString.Data(tool.Description))
                .With("parameters", Parameters(tool.JsonSchema)))));

    private static JinjaDictionary Message(TemplateMessage message, TemplateTraits traits)
    {
        var isKnown = message.Role is TemplateMessage.System or TemplateMessage.User or TemplateMessage.Assistant or TemplateMessage.Tool;
        var result = new JinjaDictionary()
            .With("role", isKnown ? JinjaString.Template(message.Role) : JinjaString.Data(message.Role))
            .With("content", Content(message.Content, traits.ContentIsList));
        if (message.Reasoning is { } reasoning)
        {
            result.With(traits.ReasoningField, JinjaString.Data(reasoning));
        }

        if (!message.Calls.IsEmpty)
        {
            result.With("tool_calls", new JinjaList(message.Calls.Select(c => (JinjaValue)Call(c, traits))));
        }

        if (message.CallId is { } id)
        {
            result.With("tool_call_id", JinjaString.Data(id));
        }

        if (message.ToolName is { } name)
        {
            result.With("name", JinjaString.Data(name));
        }

        return result;
    }

    private static JinjaValue Content(JinjaString text, bool asList) => asList
        ? new JinjaList([new JinjaDictionary().With("type", JinjaString.Template("text")).With("text", text)])
        : text;

    private static JinjaDictionary Call(TemplateCall call, TemplateTraits traits)
    {
        JinjaValue arguments = JinjaString.Data(call.Arguments);
        if (!traits.ArgumentsAreText)
        {
            using var document = JsonDocument.Parse(call.Arguments);
            arguments = JsonText.FromJson(document.RootElement);
        }

        return new JinjaDictionary()
            .With("id", JinjaString.Data(call.Id))
            .With("type", JinjaString.Template("function"))
            .With("function", new JinjaDictionary().With("name", JinjaString.Data(call.Name)).With("arguments", arguments));
    }

    /// <summary>A tool's schema; templates expect at least an object's type and properties.</summary>
    private static JinjaDictionary Parameters(JsonElement schema)
    {
        var result = JsonText.FromJson(schema) as JinjaDictionary ?? new JinjaDictionary();
        if (result.Find("type") is null)
        {
            result.With("type", JinjaString.Template("object"));
        }

        if (result.Find("properties") is not JinjaDictionary)
        {
            result.With("properties", new JinjaDictionary());
        }

        return result;
    }
}
