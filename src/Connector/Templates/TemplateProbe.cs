using Connector.Templates.Jinja;

namespace Connector.Templates;

/// <summary>Finds a template's <see cref="TemplateTraits"/> by rendering small conversations of made-up words with it.</summary>
internal sealed class TemplateProbe(Func<IEnumerable<TemplateMessage>, bool, TemplateTraits, string?> render)
{
    private static readonly TemplateMessage s_system = new(TemplateMessage.System, "probe-system");
    private static readonly TemplateMessage s_user = new(TemplateMessage.User, "probe-user");
    private static readonly TemplateMessage s_second = new(TemplateMessage.User, "probe-second");
    private static readonly TemplateMessage s_answer = new(TemplateMessage.Assistant, "probe-answer");
    private static readonly TemplateMessage s_reply = new(TemplateMessage.Assistant, "probe-reply");
    private static readonly TemplateMessage s_result = new(TemplateMessage.Tool, "probe-result") { CallId = "probe0001", ToolName = "probe_one" };

    private static readonly TemplateCall s_call = new("probe0001", CalledName, """{"probe_key": "probe-value"}""");

    /// <summary>The tool that a conversation calls.</summary>
    public const string CalledName = "probe_one";

    /// <summary>The tool that is offered when rendering "with tools".</summary>
    public const string ToolName = "probe_tool";

    public TemplateTraits Find(string template)
    {
        var traits = new TemplateTraits
        {
            ReasoningField = ReadsThinking(template) ? "thinking" : "reasoning_content",
            WantsShortIds = template.Contains("length != 9", StringComparison.Ordinal) || template.Contains("length is not 9", StringComparison.Ordinal),
        };
        if (!Shows(traits, [s_user], "probe-user") && Shows(traits with { ContentIsList = true }, [s_user], "probe-user"))
        {
            traits = traits with { ContentIsList = true };
        }

        traits = traits with
        {
            HasSystemRole = Shows(traits, [s_system, s_user], "probe-system", "probe-user"),
            HasLaterSystem = Shows(traits, [s_user, s_answer, s_system, s_second], "probe-user", "probe-system", "probe-second"),
            AllowsConsecutiveRoles = Shows(traits, [s_user, s_second, s_answer, s_reply], "probe-user", "probe-second", "probe-answer", "probe-reply"),
            AllowsAssistantFirst = Shows(traits, [s_answer, s_user], "probe-answer", "probe-user"),
            ShowsTools = render([s_user], true, traits)?.Contains(ToolName, StringComparison.Ordinal) == true,
        };
        traits = traits with { AllowsNoUser = traits.HasSystemRole && Shows(traits, [s_system], "probe-system") };
        return FindCalls(traits);
    }

    /// <summary>What the template writes where the model thinks; nothing where it fails.</summary>
    public string RenderThoughts(TemplateTraits traits) =>
        render([s_user, s_answer with { Reasoning = "probe-thought" }, s_second], false, traits) ?? "";

    /// <summary>A call of <see cref="CalledName"/> with the argument <c>probe_key</c> as the template writes it, or null.</summary>
    public string? RenderCall(TemplateTraits traits) =>
        render([s_user, new TemplateMessage(TemplateMessage.Assistant, "") { Calls = [s_call] }], true, traits);

    private TemplateTraits FindCalls(TemplateTraits traits)
    {
        var one = s_call;
        var two = new TemplateCall("probe0002", "probe_two", """{"probe_key": "probe-value"}""");
        var call = new TemplateMessage(TemplateMessage.Assistant, "") { Calls = [one] };
        var both = call with { Calls = [one, two] };
        foreach (var asText in new[] { false, true })
        {
            var tried = traits with { ArgumentsAreText = asText };
            if (ShowsCall(tried, [s_user, call, s_result], "probe_one", "probe-value", "probe-result"))
            {
                return tried with
                {
                    ShowsCalls = true,
                    ShowsParallelCalls = ShowsCall(tried, [s_user, both, s_result, s_result with { CallId = "probe0002", ToolName = "probe_two" }], "probe_one", "probe_two"),
                    AllowsUserAfterResult = ShowsCall(tried, [s_user, call, s_result, s_second], "probe-second"),
                    AllowsContentBesideReasoning = ShowsCall(tried, [s_user, call with { Content = JinjaString.Data("probe-answer"), Reasoning = "probe-thought" }, s_result], "probe_one"),
                };
            }
        }

        return traits;
    }

    // Quotes around the value tell arguments that were encoded once from those that were encoded twice.
    private bool ShowsCall(TemplateTraits traits, TemplateMessage[] messages, params string[] words) =>
        render(messages, true, traits) is { } text
        && words.All(w => text.Contains(w, StringComparison.Ordinal))
        && !text.Contains("\\\"probe-value", StringComparison.Ordinal);

    private bool Shows(TemplateTraits traits, TemplateMessage[] messages, params string[] words) =>
        render(messages, false, traits) is { } text && words.All(w => text.Contains(w, StringComparison.Ordinal));

    private static bool ReadsThinking(string template) =>
        !template.Contains("reasoning_content", StringComparison.Ordinal)
        && (template.Contains(".thinking", StringComparison.Ordinal) || template.Contains("['thinking']", StringComparison.Ordinal));
}
