using Connector.Decoding;
using Connector.Decoding.Engine;
using Connector.LlamaCpp;
using Connector.Templates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connector;

/// <summary>A model with the engine that decodes with it and the templates that make its prompts. Thread-safe.</summary>
internal sealed class ChatModel : IAsyncDisposable, IDisposable
{
    private readonly ChatTemplateSet _templates;
    private readonly bool _ownsModel;

    private ChatModel(ILanguageModel model, LocalChatClientOptions options, bool ownsModel)
    {
        Language = model;
        _ownsModel = ownsModel;
        _templates = Templates(model, options);
        Engine = new DecodingEngine(model, options.Engine, options.Time, options.LoggerFactory?.CreateLogger<DecodingEngine>());
    }

    public ILanguageModel Language { get; }

    public DecodingEngine Engine { get; }

    /// <summary>One for each model; where one fails, none is left behind.</summary>
    public static ChatModel[] CreateAll(IReadOnlyList<ILanguageModel> models, LocalChatClientOptions options, bool ownsModels)
    {
        var made = new List<ChatModel>();
        try
        {
            foreach (var model in models)
            {
                GenerationSettings.ThrowIfFaulty(options.Defaults, model.Vocabulary.Count);
                made.Add(new ChatModel(model, options, ownsModels));
            }
        }
        catch
        {
            made.ForEach(m => m.Engine.Dispose());
            throw;
        }

        return [.. made];
    }

    /// <summary>The template for a conversation with tools or without.</summary>
    public ChatTemplate Template(bool hasTools) => _templates.Select(hasTools);

    public void Dispose()
    {
        Engine.Dispose();
        if (_ownsModel)
        {
            Language.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync().ConfigureAwait(false);
        if (_ownsModel)
        {
            Language.Dispose();
        }
    }

    private static ChatTemplateSet Templates(ILanguageModel model, LocalChatClientOptions options)
    {
        var llama = model as LlamaModel;
        return new ChatTemplateSet(
            options.ChatTemplate ?? llama?.Metadata.ChatTemplate,
            options.ChatTemplate is null ? llama?.Metadata.ChatTemplates : null,
            new ChatTemplateOptions
            {
                BeginText = llama?.BeginOfSequenceText ?? "",
                EndText = llama?.EndOfSequenceText ?? "",
                Clock = options.Time,
            },
            options.LoggerFactory?.CreateLogger<LocalChatClient>() ?? NullLogger<LocalChatClient>.Instance);
    }
}
