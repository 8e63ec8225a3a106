using System.Collections.Immutable;
using Connector.Templates;
using Connector.Templates.Jinja;

namespace Connector.Tools;

/// <summary>
/// Tools for templates that know none, or write them in a way that is not known here: the system message explains
/// them, calls are text of the assistant and results text of the user.
/// </summary>
internal static class GenericTools
{
    /// <summary>Adds the explanation of the tools to the leading system messages.</summary>
    public static ImmutableArray<TemplateMessage> Explain(ImmutableArray<TemplateMessage> messages, ToolFormat format, IEnumerable<ToolSignature> tools)
    {
        var place = messages.TakeWhile(m => m.Role == TemplateMessage.System).Count();
        return messages.Insert(place, new TemplateMessage(TemplateMessage.System, format.Explain(tools)));
    }

    /// <summary>Writes calls and results into the text of messages.</summary>
    public static ImmutableArray<TemplateMessage> WriteOut(ImmutableArray<TemplateMessage> messages, ToolFormat format)
    {
        var result = ImmutableArray.CreateBuilder<TemplateMessage>();
        foreach (var message in messages)
        {
            if (message.Role == TemplateMessage.Tool)
            {
                AddResult(result, message);
            }
            else if (message.Calls.IsEmpty)
            {
                result.Add(message);
            }
            else
            {
                var calls = format.Render([.. message.Calls.Select(c => new ToolCall(c.Name, c.Arguments, c.Id))]);
                var gap = message.Content.IsTrue ? JinjaString.Template("\n") : JinjaString.Empty;
                result.Add(message with { Content = JinjaString.Join(message.Content, gap, calls), Calls = [] });
            }
        }

        return result.ToImmutable();
    }

    private static void AddResult(ImmutableArray<TemplateMessage>.Builder result, TemplateMessage message)
    {
        var text = JinjaString.Join(JinjaString.Template("<tool_response>\n"), message.Content, JinjaString.Template("\n</tool_response>"));
        if (result.Count > 0 && result[^1] is { IsResult: true } before)
        {
            result[^1] = before with { Content = JinjaString.Join(before.Content, JinjaString.Template("\n"), text) };
            return;
        }

        result.Add(new TemplateMessage(TemplateMessage.User, text) { IsResult = true });
    }
}
