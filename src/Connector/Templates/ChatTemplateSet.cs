using Microsoft.Extensions.Logging;

namespace Connector.Templates;

/// <summary>The templates that come with a model: the usual one, and named variants such as <c>tool_use</c>. Immutable and thread-safe.</summary>
internal sealed partial class ChatTemplateSet
{
    private const string ToolVariant = "tool_use";
    private const string DefaultVariant = "default";

    private readonly ChatTemplate _usual;
    private readonly ChatTemplate? _withTools;

    /// <summary>Parses the templates of a model.</summary>
    /// <param name="template">The usual template (GGUF's <c>tokenizer.chat_template</c>), or null.</param>
    /// <param name="variants">Templates by name (<c>tokenizer.chat_template.NAME</c>), or null.</param>
    /// <param name="options">What they are given beside a conversation.</param>
    /// <param name="logger">Is warned where there is no template, so that ChatML stands in.</param>
    /// <exception cref="ChatTemplateException">A template is broken; the exception names line and column.</exception>
    public ChatTemplateSet(string? template, IReadOnlyDictionary<string, string>? variants, ChatTemplateOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        var usual = template ?? variants?.GetValueOrDefault(DefaultVariant);
        if (usual is null)
        {
            LogMissing(logger);
        }

        _usual = new ChatTemplate(usual ?? ChatTemplate.ChatMl, options);
        _withTools = variants?.GetValueOrDefault(ToolVariant) is { } tools ? new ChatTemplate(tools, options) : null;
    }

    /// <summary>The template for a conversation: the variant for tools where there is one and tools are given.</summary>
    public ChatTemplate Select(bool withTools) => withTools && _withTools is not null ? _withTools : _usual;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The model has no chat template, so prompts are made with ChatML, which may not be what it was trained with.")]
    private static partial void LogMissing(ILogger logger);
}
