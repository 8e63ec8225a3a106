using System.Globalization;
using Connector.Decoding;
using Connector.Decoding.Engine;
using Connector.Decoding.Speculation;
using Connector.LlamaCpp;
using Connector.Templates;
using Connector.Tools;
using Connector.Tools.Constraints;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connector;

/// <summary>A model with the engine that decodes with it and the templates that make its prompts. Thread-safe.</summary>
internal sealed class ChatModel : IAsyncDisposable, IDisposable
{
    private readonly bool _ownsModel;

    private ChatModel(ILanguageModel model, LocalChatClientOptions options, bool ownsModel)
    {
        Language = model;
        _ownsModel = ownsModel;
        Format = new ChatFormat(Templates(model, options), options.ToolCallFormat is { } name ? ToolFormats.Get(name) : null, new AnswerConstraints(Logger(options), options.StrictSchemas));
        Engine = new DecodingEngine(model, WithDrafts(model, options), options.Time, options.LoggerFactory?.CreateLogger<DecodingEngine>());
    }

    public ILanguageModel Language { get; }

    public DecodingEngine Engine { get; }

    /// <summary>How its conversations are written and its answers read.</summary>
    public ChatFormat Format { get; }

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

    private static EngineOptions WithDrafts(ILanguageModel model, LocalChatClientOptions options)
    {
        var llama = model as LlamaModel;
        var setup = new SpeculationSetup
        {
            // Without a file there is nothing to recognise a model by at the next start.
            CacheFolder = llama is null ? null : options.CacheFolder,
            Device = llama is null ? "" : string.Create(
                CultureInfo.InvariantCulture,
                $"{new FileInfo(llama.Path).Length} bytes, {options.Model.GpuLayers} layers on [{string.Join(", ", ComputeDevice.Enumerate().Select(d => d.Name))}]"),
            Clock = options.Time,
            Logger = options.LoggerFactory?.CreateLogger<DecodingEngine>() ?? NullLogger<DecodingEngine>.Instance,
        };
        return options.Engine.Drafting is null ? options.Engine with { Drafting = options.Speculation.Drafting(model, setup) } : options.Engine;
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
            Logger(options));
    }

    private static ILogger Logger(LocalChatClientOptions options) =>
        options.LoggerFactory?.CreateLogger<LocalChatClient>() ?? NullLogger<LocalChatClient>.Instance;
}
