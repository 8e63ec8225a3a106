using BenchmarkDotNet.Attributes;
using Connector.LlamaCpp;
using Connector.Templates;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.Micro;

/// <summary>Messages to a prompt with the model's own template, and the prompt to tokens.</summary>
public class TemplateBenchmarks
{
    private LlamaModel _model = null!;
    private ChatTemplate _template = null!;
    private ChatTemplateInput _input = null!;
    private ChatPrompt _prompt = null!;

    [Params(2, 40)]
    public int Messages { get; set; }

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _model = await Inputs.LoadVocabularyAsync();
        _template = new ChatTemplate(_model.Metadata.ChatTemplate ?? ChatTemplate.ChatMl);
        var text = Inputs.Text[..Math.Min(400, Inputs.Text.Length)];
        _input = new ChatTemplateInput
        {
            Messages = [.. Enumerable.Range(0, Messages).Select(i => new ChatMessage(i % 2 == 0 ? ChatRole.User : ChatRole.Assistant, text))],
        };
        _prompt = _template.Render(_input);
    }

    [GlobalCleanup]
    public void CleanUp() => _model.Dispose();

    [Benchmark]
    public int Render() => _template.Render(_input).Text.Length;

    [Benchmark]
    public int Tokenise() => _prompt.Tokenize(_model.Vocabulary).Length;
}
