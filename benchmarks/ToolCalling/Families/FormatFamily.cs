using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Templates;
using Connector.Templates.Jinja;
using Connector.Tools;
using Connector.Tools.Formats;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connector.Benchmarks.ToolCalling.Families;

/// <summary>A tool format with a template: a real one that writes it, or the fallback of templates without tools.</summary>
internal sealed class FormatFamily(ToolFormat format, string name, string? template) : IToolFamily
{
    private readonly ChatTemplateSet _templates = new(template, null, new ChatTemplateOptions(), NullLogger.Instance);

    /// <summary>
    /// Every format that is known: with the first template of a folder that writes it, and with ChatML, which knows no
    /// tools, where there is none.
    /// </summary>
    public static IReadOnlyList<IToolFamily> All(string? templates)
    {
        IEnumerable<string> paths = templates is null ? [] : Directory.EnumerateFiles(templates, "*.jinja");
        var real = paths.Order(StringComparer.Ordinal)
            .Select(path => (Name: Path.GetFileNameWithoutExtension(path), Text: File.ReadAllText(path)))
            .ToLookup(template => ToolFormats.Detect(template.Text), template => template);
        return [.. ToolFormats.All.Select(format => real[format].FirstOrDefault() is { Name: { } name } found
            ? new FormatFamily(format, $"{format.Name} ({name})", found.Text)
            : new FormatFamily(format, $"{format.Name} (ChatML)", null))];
    }

    public string Name => name;

    // A chat format keeps the constraints of its last requests: here each conversation compiles its own, and nothing is kept.
    public IFamilyTurn Begin(ToolConversation conversation) =>
        new Turn(format, new ChatFormat(_templates, format).Begin(new ChatTemplateInput { Messages = conversation.Messages, Tools = conversation.Tools }));

    private sealed class Turn(ToolFormat format, ChatTurn turn) : IFamilyTurn
    {
        public ITokenConstraint Constrain(Vocabulary vocabulary) => turn.Constraint(vocabulary, ChatToolMode.RequireAny)
            ?? throw new InvalidOperationException("A call is required, but nothing is constrained.");

        /// <summary>In Harmony the token after a call ends the generation.</summary>
        public int MostCalls => format is HarmonyFormat ? 1 : int.MaxValue;

        public int[] Write(IReadOnlyList<RightCall> calls, Vocabulary vocabulary)
        {
            // Where the prompt has begun a thought, the answer ends it first.
            var thought = turn.StartsInReasoning ? JinjaString.Template($"{turn.Reasoning!.Close}\n\n") : JinjaString.Empty;
            var text = format.Render([.. calls.Select((call, i) => new ToolCall(call.Name, call.Arguments.GetRawText(), $"call0000{i}"))]);
            return [.. PromptTokenizer.For(vocabulary).Tokenize(JinjaString.Join(thought, text))];
        }

        public IReadOnlyList<FunctionCallContent> Read(ReadOnlySpan<int> answer, Vocabulary vocabulary)
        {
            var splitter = turn.CreateSplitter(new Random(1));
            var contents = new List<AIContent>();
            splitter.Add(vocabulary.Decode(answer, writeControl: true), contents);
            splitter.Finish(contents);
            return [.. contents.OfType<FunctionCallContent>()];
        }
    }
}
