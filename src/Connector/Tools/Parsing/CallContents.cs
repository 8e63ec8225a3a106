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

    private static Dictionary<string, object?> Parse(string arguments)
    {
        using var document = JsonDocument.Parse(arguments);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document.RootElement.EnumerateObject().ToDictionary(
                p => p.Name,
                p => p.Value.ValueKind == JsonValueKind.Null ? null : (object?)p.Value.Clone(),
                StringComparer.Ordinal)
            : throw new JsonException("The arguments are no JSON object.");
    }
}
