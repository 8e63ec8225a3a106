using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connector.Tools.Parsing;

/// <summary>Turns calls into contents; bad arguments end up in <see cref="FunctionCallContent.Exception"/>.</summary>
internal sealed class CallContents(CallIds ids)
{
    public FunctionCallContent Create(ToolCall call)
    {
        var content = FunctionCallContent.CreateFromParsedArguments(call.Arguments, ids.Next(call), call.Name, Parse);
        if (content.Exception is not null)
        {
            content.RawRepresentation = call.Arguments;
        }

        return content;
    }

    // Of arguments that a tool does not declare two may have one name: the last counts, as to other readers of JSON.
    private static Dictionary<string, object?> Parse(string arguments)
    {
        using var document = JsonDocument.Parse(arguments);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("The arguments are no JSON object.");
        }

        var parsed = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            parsed[member.Name] = member.Value.ValueKind == JsonValueKind.Null ? null : member.Value.Clone();
        }

        return parsed;
    }
}
