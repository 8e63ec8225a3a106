namespace Connector.Tools;

/// <summary>A call as a model writes it.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The arguments as JSON text; of a malformed call whatever stood in their place.</param>
/// <param name="Id">The id that the model gave it, or null.</param>
internal sealed record ToolCall(string Name, string Arguments, string? Id = null);
