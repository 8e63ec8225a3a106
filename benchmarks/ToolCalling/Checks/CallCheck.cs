using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Checks;

/// <summary>What is wrong with a call that a model made.</summary>
internal enum CallFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its arguments are no JSON object.</summary>
    Unparsed,

    /// <summary>It names a tool that is not offered.</summary>
    NotOffered,

    /// <summary>Its arguments do not fit the tool's schema.</summary>
    Invalid,
}

/// <summary>Checks calls against the tools that were offered.</summary>
internal static class CallCheck
{
    /// <summary>What is wrong with a call, in kind and in words.</summary>
    public static (CallFault Fault, string Words) Of(FunctionCallContent call, IReadOnlyList<AIFunctionDeclaration> tools)
    {
        if (call.Exception is not null || call.Arguments is null)
        {
            return (CallFault.Unparsed, $"{call.Name}: {call.Exception?.InnerException?.Message ?? call.Exception?.Message ?? "no arguments"}: {call.RawRepresentation}");
        }

        if (tools.FirstOrDefault(tool => tool.Name == call.Name) is not { } tool)
        {
            return (CallFault.NotOffered, call.Name);
        }

        var fault = SchemaValidator.Fault(tool.JsonSchema, Json(call.Arguments), call.Name);
        return fault is null ? (CallFault.None, "") : (CallFault.Invalid, fault);
    }

    /// <summary>Arguments as one JSON object.</summary>
    public static JsonElement Json(IDictionary<string, object?> arguments) => JsonSerializer.SerializeToElement(arguments, AIJsonUtilities.DefaultOptions);
}
