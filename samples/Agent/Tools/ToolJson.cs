using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connector.Samples.Agent.Tools;

/// <summary>JSON as models read it: on one line.</summary>
internal static class ToolJson
{
    public static JsonSerializerOptions Options { get; } = Compact();

    /// <summary>A tool from a method; its result is one line of JSON.</summary>
    public static AIFunction Tool(Delegate method, string name) =>
        AIFunctionFactory.Create(method, new AIFunctionFactoryOptions { Name = name, SerializerOptions = Options });

    private static JsonSerializerOptions Compact()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions) { WriteIndented = false };
        options.MakeReadOnly();
        return options;
    }
}
