using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>Answers as objects instead of text.</summary>
public static class StructuredChatExtensions
{
    private static readonly AIJsonSchemaCreateOptions s_whole = new()
    {
        TransformOptions = new AIJsonSchemaTransformOptions { DisallowAdditionalProperties = true, RequireAllProperties = true },
    };

    /// <summary>
    /// Asks for an answer of type <typeparamref name="T"/>: its JSON schema becomes the response format, which
    /// <see cref="LocalChatClient"/> enforces, and the answer is read back. Works with trimming and native AOT.
    /// </summary>
    /// <param name="client">The client to ask.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="type">How <typeparamref name="T"/> is written as JSON, from a source-generated context.</param>
    /// <param name="options">Options besides the response format. Null: the client's defaults.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="InvalidOperationException">
    /// The answer is not such an object: it was cut off by a token limit, or the client did not keep to the format.
    /// </exception>
    public static async Task<T> GetJsonAsync<T>(
        this IChatClient client, IEnumerable<ChatMessage> messages, JsonTypeInfo<T> type, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(type);
        var asked = options?.Clone() ?? new ChatOptions();
        asked.ResponseFormat = ChatResponseFormat.ForJsonSchema(
            AIJsonUtilities.CreateJsonSchema(typeof(T), serializerOptions: type.Options, inferenceOptions: s_whole), typeof(T).Name);
        var response = await client.GetResponseAsync(messages, asked, cancellationToken).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(response.Text, type) is { } value
                ? value
                : throw new InvalidOperationException($"The answer is null, not a {typeof(T).Name}.");
        }
        catch (JsonException e)
        {
            var why = response.FinishReason == ChatFinishReason.Length ? "it was cut off by the token limit" : e.Message;
            throw new InvalidOperationException($"The answer is not a {typeof(T).Name}: {why}", e);
        }
    }

    /// <inheritdoc cref="GetJsonAsync{T}(IChatClient, IEnumerable{ChatMessage}, JsonTypeInfo{T}, ChatOptions?, CancellationToken)"/>
    /// <param name="client">The client to ask.</param>
    /// <param name="prompt">What the user says.</param>
    /// <param name="type">How <typeparamref name="T"/> is written as JSON, from a source-generated context.</param>
    /// <param name="options">Options besides the response format. Null: the client's defaults.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public static Task<T> GetJsonAsync<T>(
        this IChatClient client, string prompt, JsonTypeInfo<T> type, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        client.GetJsonAsync([new ChatMessage(ChatRole.User, prompt)], type, options, cancellationToken);

    /// <summary>
    /// Asks for an answer of type <typeparamref name="T"/>, whose JSON form is found by reflection; with trimming or
    /// native AOT use the overload with a <see cref="JsonTypeInfo{T}"/>.
    /// </summary>
    /// <param name="client">The client to ask.</param>
    /// <param name="prompt">What the user says.</param>
    /// <param name="options">Options besides the response format. Null: the client's defaults.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    [RequiresUnreferencedCode("The JSON form of T is found by reflection.")]
    [RequiresDynamicCode("The JSON form of T is found by reflection.")]
    public static Task<T> GetJsonAsync<T>(
        this IChatClient client, string prompt, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        client.GetJsonAsync(prompt, (JsonTypeInfo<T>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T)), options, cancellationToken);
}
