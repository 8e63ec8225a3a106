using System.Collections.Immutable;
using Connector.Tools.Formats;

namespace Connector.Tools;

/// <summary>The formats that are known, and which one a template's text shows.</summary>
internal static class ToolFormats
{
    public static ToolFormat Hermes { get; } = new JsonCallFormat("hermes", "<tool_call>", "</tool_call>");

    public static ToolFormat Harmony { get; } = new HarmonyFormat();

    public static ToolFormat Llama3 { get; } = new BareJsonFormat();

    public static ToolFormat Gemma4 { get; } = new GemmaFormat();

    public static ToolFormat MistralArray { get; } = new JsonArrayFormat("mistral-array", "[TOOL_CALLS]", CallIdStyle.Short);

    public static ToolFormat Mistral { get; } = new NamedJsonFormat(
        "mistral", new() { CallOpen = "[TOOL_CALLS]", BeforeArguments = "[ARGS]", BeforeId = "[CALL_ID]" }, CallIdStyle.Short);

    public static ToolFormat DeepSeekV31 { get; } = new NamedJsonFormat("deepseek-v3.1", new()
    {
        SectionOpen = "<｜tool▁calls▁begin｜>",
        SectionClose = "<｜tool▁calls▁end｜>",
        CallOpen = "<｜tool▁call▁begin｜>",
        BeforeArguments = "<｜tool▁sep｜>",
        CallClose = "<｜tool▁call▁end｜>",
    });

    public static ToolFormat DeepSeekV3 { get; } = new NamedJsonFormat("deepseek-v3", new()
    {
        SectionOpen = "<｜tool▁calls▁begin｜>",
        SectionClose = "<｜tool▁calls▁end｜>",
        CallOpen = "<｜tool▁call▁begin｜>function<｜tool▁sep｜>",
        BeforeArguments = "\n```json\n",
        CallClose = "\n```<｜tool▁call▁end｜>",
        Separator = "\n",
    });

    public static ToolFormat DeepSeekV32 { get; } = Dsml("deepseek-v3.2", "function_calls");

    public static ToolFormat DeepSeekV4 { get; } = Dsml("deepseek-v4", "tool_calls");

    public static ToolFormat Kimi { get; } = new NamedJsonFormat(
        "kimi",
        new()
        {
            SectionOpen = "<|tool_calls_section_begin|>",
            SectionClose = "<|tool_calls_section_end|>",
            CallOpen = "<|tool_call_begin|>",
            BeforeArguments = "<|tool_call_argument_begin|>",
            CallClose = "<|tool_call_end|>",
            NumbersCalls = true,
        },
        CallIdStyle.Numbered);

    public static ToolFormat QwenCoder { get; } = Functions("qwen-coder", "<tool_call>", "</tool_call>", valueLines: true);

    public static ToolFormat SeedOss { get; } = Functions("seed-oss", "<seed:tool_call>", "</seed:tool_call>", valueLines: false);

    public static ToolFormat MiniMaxM2 { get; } = new ParameterFormat("minimax-m2", new()
    {
        SectionOpen = "<minimax:tool_call>",
        SectionClose = "</minimax:tool_call>",
        SharesSection = true,
        CallOpen = "<invoke name=\"",
        AfterName = "\">",
        CallClose = "</invoke>",
        KeyOpen = "<parameter name=\"",
        KeyClose = "\">",
        ValueClose = "</parameter>",
    });

    public static ToolFormat Glm { get; } = new ParameterFormat("glm", new()
    {
        CallOpen = "<tool_call>",
        CallClose = "</tool_call>",
        KeyOpen = "<arg_key>",
        KeyClose = "</arg_key>",
        ValueOpen = "<arg_value>",
        ValueClose = "</arg_value>",
    });

    public static ToolFormat MiniMaxM1 { get; } = new JsonCallFormat("minimax-m1", "<tool_calls>", "</tool_calls>", manyInTags: true);

    public static ToolFormat GigaChat { get; } = new JsonCallFormat("gigachat", "<|function_call|>", "", lineBreaks: false);

    public static ToolFormat Granite3 { get; } = new JsonArrayFormat("granite3", "<|tool_call|>");

    /// <summary>Every format, for choosing one by name.</summary>
    public static ImmutableArray<ToolFormat> All { get; } =
    [
        Hermes, QwenCoder, SeedOss, Llama3, Mistral, MistralArray, DeepSeekV3, DeepSeekV31, DeepSeekV32, DeepSeekV4, Gemma4, Glm,
        Harmony, Kimi, MiniMaxM1, MiniMaxM2, GigaChat, Granite3,
    ];

    /// <summary>The format of a name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static ToolFormat Get(string name) => All.FirstOrDefault(f => f.Name == name)
        ?? throw new ArgumentException($"There is no tool call format '{name}'; there are {string.Join(", ", All.Select(f => f.Name))}.", nameof(name));

    /// <summary>The format that a template writes calls in, or null where it writes none that is known.</summary>
    public static ToolFormat? Detect(string template)
    {
        bool Has(string text) => template.Contains(text, StringComparison.Ordinal);
        return true switch
        {
            _ when Has("<|channel|>") && Has("<|message|>") && Has("<|start|>") => Harmony,
            _ when Has("<|tool_call>") && Has("call:") => Gemma4,
            _ when Has("｜DSML｜") => Has("function_calls>") ? DeepSeekV32 : DeepSeekV4,
            _ when Has("<｜tool▁calls▁begin｜>") => Has("```json") ? DeepSeekV3 : DeepSeekV31,
            _ when Has("[TOOL_CALLS]") => Has("[ARGS]") ? Mistral : MistralArray,
            _ when Has("<|tool_call_argument_begin|>") => Kimi,
            _ when Has("<arg_key>") => Glm,
            _ when Has("<function=") && Has("<parameter=") => Has("<seed:tool_call>") ? SeedOss : QwenCoder,
            _ when Has("<minimax:tool_call>") && Has("<invoke name=") => MiniMaxM2,
            _ when Has("<|function_call|>") => GigaChat,
            _ when Has("<|tool_call|>") && Has("arguments") => Granite3,
            _ when Has("<tool_calls>") && Has("arguments") => MiniMaxM1,
            _ when Has("<tool_call>") && Has("arguments") => Hermes,
            _ when Has("\"parameters\": ") && Has("<|eot_id|>") && Has("ipython") => Llama3,
            _ => null,
        };
    }

    private static ParameterFormat Dsml(string name, string section) => new(name, new()
    {
        SectionOpen = $"<｜DSML｜{section}>",
        SectionClose = $"</｜DSML｜{section}>",
        SharesSection = true,
        CallOpen = "<｜DSML｜invoke name=\"",
        AfterName = "\">",
        CallClose = "</｜DSML｜invoke>",
        KeyOpen = "<｜DSML｜parameter name=\"",
        KeyClose = "\" string=\"",
        ValueClose = "</｜DSML｜parameter>",
        TellsStrings = true,
    });

    private static ParameterFormat Functions(string name, string open, string close, bool valueLines) => new(name, new()
    {
        SectionOpen = open,
        SectionClose = close,
        CallOpen = "<function=",
        AfterName = ">",
        CallClose = "</function>",
        KeyOpen = "<parameter=",
        KeyClose = ">",
        ValueClose = "</parameter>",
        ValueLines = valueLines,
    });
}
