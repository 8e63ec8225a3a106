using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connector.Tools;

/// <summary>A tool as formats see it.</summary>
/// <param name="Name">What a call names.</param>
/// <param name="Description">For the model to read.</param>
/// <param name="Schema">The JSON schema of the arguments, an object's.</param>
internal sealed record ToolSignature(string Name, string Description, JsonElement Schema)
{
    public static ToolSignature Of(AIFunctionDeclaration tool) => new(tool.Name, tool.Description, tool.JsonSchema);

    /// <summary>The schema of a parameter, or null where the tool does not declare it.</summary>
    public JsonElement? Parameter(string name) =>
        Schema.ValueKind == JsonValueKind.Object
        && Schema.TryGetProperty("properties", out var properties)
        && properties.ValueKind == JsonValueKind.Object
        && properties.TryGetProperty(name, out var parameter)
            ? parameter
            : null;
}
