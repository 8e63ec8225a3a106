using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>What <see cref="ChatOptions"/> say about generating, as one layer of settings.</summary>
internal static class ChatOptionsReader
{
    /// <summary>
    /// The settings of a request: our own from <see cref="ChatOptions.RawRepresentationFactory"/>, then the options'
    /// properties, then their additional properties.
    /// </summary>
    /// <param name="options">The request's options.</param>
    /// <param name="client">The client, which the factory is handed.</param>
    public static GenerationSettings Settings(ChatOptions? options, IChatClient client)
    {
        if (options is null)
        {
            return new GenerationSettings();
        }

        var own = options.RawRepresentationFactory?.Invoke(client) as GenerationSettings ?? new GenerationSettings();
        var typed = new GenerationSettings
        {
            Temperature = options.Temperature,
            TopP = options.TopP,
            TopK = options.TopK,
            FrequencyPenalty = options.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty,
            Seed = options.Seed,
            MaxOutputTokens = options.MaxOutputTokens,
            StopSequences = options.StopSequences is { } stops ? [.. stops] : null,
        };
        return own.Or(typed).Or(LlamaCppNames.Read(options.AdditionalProperties));
    }
}
