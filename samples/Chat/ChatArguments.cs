namespace Connector.Samples.Chat;

/// <summary>The command line.</summary>
internal sealed record ChatArguments(
    FileInfo Model, string? Device, int? Context, float? Temperature, long? Seed, string? System, string? Prompt);
