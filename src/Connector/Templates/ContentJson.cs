using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Connector.Templates;

/// <summary>Arguments and results of tools as JSON text, with the serializer of Microsoft.Extensions.AI.</summary>
internal static class ContentJson
{
    private static readonly JsonSerializerOptions s_compact = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    /// <summary>The arguments of a call as a JSON object; an empty one where there are none.</summary>
    public static string Arguments(FunctionCallContent call) => call.Arguments is null or { Count: 0 }
        ? "{}"
        : Serialize(call.Arguments);

    /// <summary>The text a tool's message carries: a string as it is, anything else as JSON.</summary>
    public static string Result(FunctionResultContent result) => result.Result switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        JsonElement element => element.GetRawText(),
        JsonNode node => node.ToJsonString(s_compact),
        TextContent content => content.Text,
        IEnumerable<AIContent> contents => string.Concat(contents.OfType<TextContent>().Select(c => c.Text)),
        null when result.Exception is { } exception => "Error: " + exception.Message,
        null => "null",
        var value => Serialize(value),
    };

    private static string Serialize(object value) =>
        JsonSerializer.Serialize(value, s_compact.GetTypeInfo(value.GetType()));
}
