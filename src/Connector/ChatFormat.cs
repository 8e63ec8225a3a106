using System.Collections.Immutable;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Reasoning;
using Connector.Templates;
using Connector.Tools;
using Connector.Tools.Constraints;
using Connector.Tools.Formats;
using Connector.Tools.Parsing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connector;

/// <summary>
/// All that is between a conversation and a model's text: the templates, the format of calls, the tags of thoughts.
/// Immutable apart from a cache; thread-safe.
/// </summary>
/// <param name="templates">The model's templates.</param>
/// <param name="format">How calls are written; null (default): as the template shows.</param>
/// <param name="constraints">Where constraints come from; null (default): a cache of its own that says nothing of what it cannot enforce.</param>
internal sealed class ChatFormat(ChatTemplateSet templates, ToolFormat? format = null, AnswerConstraints? constraints = null)
{
    private readonly AnswerConstraints _constraints = constraints ?? new AnswerConstraints(NullLogger.Instance, isStrict: false);

    /// <summary>Renders the prompt of a request and settles how its answer is to be read.</summary>
    /// <exception cref="ChatTemplateException">The template refused the conversation, or failed.</exception>
    /// <exception cref="NotSupportedException">A message holds an image, sound or video.</exception>
    public ChatTurn Begin(ChatTemplateInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var template = templates.Select(input.Tools.Count > 0);
        var messages = MessageReader.Read(input.Instructions, input.Messages);
        var signatures = input.Tools.Select(ToolSignature.Of).ToImmutableArray();
        var native = template.Format;
        var used = format ?? native ?? ToolFormats.Hermes;

        var prompt = Render(template, messages, input, signatures, used);
        var tags = template.Reasoning;
        var tail = prompt.Text.AsSpan().TrimEnd();
        return new ChatTurn
        {
            Constraints = _constraints,
            Prompt = prompt,
            Format = used,
            Tools = signatures,
            Reasoning = tags,
            StartsInReasoning = tags is not null && tail.EndsWith(tags.Open.AsSpan().TrimEnd(), StringComparison.Ordinal),
            KnowsEfforts = template.Text.Contains("_effort", StringComparison.Ordinal),
            CallIds = [.. messages.SelectMany(m => m.Calls.Select(c => c.Id))],
        };
    }

    /// <summary>The template does what it can in the format that is used; the rest is written out.</summary>
    private static ChatPrompt Render(
        ChatTemplate template,
        ImmutableArray<TemplateMessage> messages,
        ChatTemplateInput input,
        ImmutableArray<ToolSignature> tools,
        ToolFormat format)
    {
        var isNative = format == template.Format;
        var written = isNative && template.Traits.ShowsCalls ? messages : GenericTools.WriteOut(messages, format);
        if (tools.IsEmpty)
        {
            return template.Render(written, input);
        }

        if (isNative && template.Traits.ShowsTools)
        {
            try
            {
                return template.Render(written, input);
            }
            catch (ChatTemplateException)
            {
                // Some templates fail over schemas that their author did not think of; those tools are explained here.
            }
        }

        return template.Render(GenericTools.Explain(written, format, tools), input with { Tools = [] });
    }
}
