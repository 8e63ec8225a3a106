using System.Collections.Immutable;
using System.Text.Json;
using Connector.Reasoning;
using Connector.Templates.Jinja;
using Connector.Tools;
using Connector.Tools.Formats;
using Connector.Tools.Parsing;
using Microsoft.Extensions.AI;

namespace Connector.Templates;

/// <summary>What a template is given beside a conversation.</summary>
internal sealed record ChatTemplateOptions
{
    /// <summary>How the model's begin token is written, for templates that write it. Default: nothing.</summary>
    public string BeginText { get; init; } = "";

    /// <summary>How the model's end token is written. Default: nothing.</summary>
    public string EndText { get; init; } = "";

    /// <summary>What templates that write the date ask. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>What one rendering may spend.</summary>
    public TemplateLimits Limits { get; init; } = new();
}

/// <summary>
/// One Jinja chat template: parsed once, and known well enough to be told any conversation. Immutable and thread-safe.
/// </summary>
internal sealed class ChatTemplate
{
    private readonly JinjaTemplate _template;
    private readonly ChatTemplateOptions _options;

    /// <summary>Parses a template and finds out what it understands.</summary>
    /// <exception cref="ChatTemplateException">The template is broken; the exception names line and column.</exception>
    public ChatTemplate(string text, ChatTemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        _options = options ?? new ChatTemplateOptions();
        _template = JinjaTemplate.Parse(text);
        var probe = new TemplateProbe(TryRender);
        Traits = probe.Find(text);
        Reasoning = ReasoningTags.Detect(text, probe.RenderThoughts(Traits));
        var call = Traits.ShowsCalls ? probe.RenderCall(Traits) : null;
        Format = ToolFormats.Detect(text) is { } format && (call is null || CanRead(format, call)) ? format : null;
    }

    /// <summary>The template of models that have none: ChatML.</summary>
    public const string ChatMl =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    /// <summary>The template's text.</summary>
    public string Text => _template.Text;

    /// <summary>What the template understands.</summary>
    public TemplateTraits Traits { get; }

    /// <summary>The format that the template writes calls in, or null where that is none that is known.</summary>
    public ToolFormat? Format { get; }

    /// <summary>What stands around the model's thoughts, or null.</summary>
    public ReasoningTags? Reasoning { get; }

    /// <summary>Makes a prompt of a conversation.</summary>
    /// <exception cref="ChatTemplateException">The template refused the conversation, or failed.</exception>
    /// <exception cref="NotSupportedException">A message holds an image, sound or video.</exception>
    public ChatPrompt Render(ChatTemplateInput input) =>
        Render(MessageReader.Read(input.Instructions, input.Messages), input);

    /// <summary>Makes a prompt of messages that are already a template's.</summary>
    public ChatPrompt Render(ImmutableArray<TemplateMessage> messages, ChatTemplateInput input)
    {
        var schema = new ResponseInstructions(input, Text);
        var normalized = MessageNormalizer.Normalize(schema.AddTo(messages), Traits);
        var variables = Variables(normalized, Traits, input.AddGenerationPrompt);
        if (input.Tools.Count > 0)
        {
            variables["tools"] = TemplateValues.Tools(input.Tools);
        }

        if (schema.Variable is { } format)
        {
            variables["response_format"] = format;
        }

        if (input.Effort is { } effort)
        {
            foreach (var (name, value) in ReasoningVariables.For(effort, Text))
            {
                variables[name] = value;
            }
        }

        foreach (var (name, value) in input.Variables ?? ImmutableDictionary<string, JsonElement>.Empty)
        {
            variables[name] = JsonText.FromJson(value);
        }

        return new ChatPrompt(_template.Render(variables, _options.Clock, _options.Limits));
    }

    /// <summary>Whether a format reads the call that the template wrote for a probe.</summary>
    private static bool CanRead(ToolFormat format, string rendered)
    {
        if (format is HarmonyFormat)
        {
            return true;
        }

        var contents = new List<AIContent>();
        var splitter = new ToolCallSplitter(format, ImmutableDictionary<string, ToolSignature>.Empty, new CallContents(new CallIds(format.IdStyle, [], new Random(0))));
        var start = Math.Max(0, HeldText.Find(rendered.AsSpan(rendered.IndexOf("probe-user", StringComparison.Ordinal)), format.Openings, out _));
        splitter.Add(rendered[(rendered.IndexOf("probe-user", StringComparison.Ordinal) + start)..], contents);
        splitter.Finish(contents);
        return contents.OfType<FunctionCallContent>().Any(c => c.Name == TemplateProbe.CalledName && c.Arguments?.ContainsKey("probe_key") == true);
    }

    private Dictionary<string, JinjaValue> Variables(IEnumerable<TemplateMessage> messages, TemplateTraits traits, bool addGenerationPrompt) => new(StringComparer.Ordinal)
    {
        ["messages"] = TemplateValues.Messages(messages, traits),
        ["add_generation_prompt"] = JinjaBoolean.Of(addGenerationPrompt),
        ["bos_token"] = JinjaString.Template(_options.BeginText),
        ["eos_token"] = JinjaString.Template(_options.EndText),
    };

    private string? TryRender(IEnumerable<TemplateMessage> messages, bool withTool, TemplateTraits traits)
    {
        var variables = Variables(messages, traits, addGenerationPrompt: true);
        if (withTool)
        {
            variables["tools"] = TemplateValues.Tools([new ProbeTool()]);
        }

        try
        {
            return _template.Render(variables, _options.Clock, _options.Limits).Text;
        }
        catch (ChatTemplateException)
        {
            return null;
        }
    }

    private sealed class ProbeTool : AIFunctionDeclaration
    {
        public override string Name => TemplateProbe.ToolName;

        public override string Description => "probe-description";

        public override JsonElement JsonSchema { get; } = JsonDocument.Parse("""{"type": "object", "properties": {"probe_key": {"type": "string", "description": "probe"}}, "required": ["probe_key"]}""").RootElement;
    }
}
