using Connector.Decoding.Engine;
using Connector.LlamaCpp;
using Microsoft.Extensions.Logging;

namespace Connector;

/// <summary>How a <see cref="LocalChatClient"/> works. Immutable.</summary>
public sealed record LocalChatClientOptions
{
    /// <summary>What a request's options fall back to. Default: nothing, so that <see cref="GenerationSettings.BuiltIn"/> holds.</summary>
    public GenerationSettings Defaults { get; init; } = new();

    /// <summary>
    /// The Jinja template that turns messages into a prompt. Null (default): the model's own, or ChatML with a logged
    /// warning where it has none.
    /// </summary>
    public string? ChatTemplate { get; init; }

    /// <summary>
    /// How tool calls are written, by name (such as <c>hermes</c>, <c>mistral</c>, <c>llama3</c>; an unknown name is an
    /// error that lists them). Null (default): as the template shows, or Hermes' way, explained to the model, where it shows none.
    /// </summary>
    public string? ToolCallFormat { get; init; }

    /// <summary>
    /// Whether a schema, of a response format or of a tool, with a keyword that cannot be enforced is an
    /// <see cref="Decoding.Constraints.UnsupportedSchemaException"/>. Default: no; such keywords are warnings in the log.
    /// </summary>
    public bool StrictSchemas { get; init; }

    /// <summary>How <see cref="LocalChatClient.LoadAsync"/> loads the model. Default: on a GPU where there is one.</summary>
    public LlamaModelOptions Model { get; init; } = new();

    /// <summary>How many requests run at once, how much they may hold, and what is kept of those that ended.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>
    /// Whether and how tokens are drafted ahead, which changes the speed and not the text. Default: <see cref="Speculation.Auto"/>.
    /// A planner that <see cref="EngineOptions.Drafting"/> names goes before it.
    /// </summary>
    public Speculation Speculation { get; init; } = Speculation.Auto;

    /// <summary>
    /// The folder in which it is kept how fast the device is with a model, so that the next start need not measure it. Default:
    /// <c>Connector</c> in the user's folder for local application data, where there is one; null: nothing is kept.
    /// </summary>
    public string? CacheFolder { get; init; } =
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) is { Length: > 0 } folder ? Path.Combine(folder, "Connector") : null;

    /// <summary>Where warnings and the native library's messages go. Null (default): nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Draws the seed of an answer whose request names none. Default: at random. Called from any thread.</summary>
    public Func<ulong> FreshSeed { get; init; } = static () => unchecked((ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue));

    /// <summary>The clock that stamps answers. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
