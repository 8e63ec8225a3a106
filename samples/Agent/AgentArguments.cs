namespace Connector.Samples.Agent;

/// <summary>The command line.</summary>
internal sealed record AgentArguments(
    FileInfo Model, string? Device, int? Context, float Temperature, long? Seed, string? Prompt);
