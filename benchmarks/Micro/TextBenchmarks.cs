using BenchmarkDotNet.Attributes;
using Connector.Decoding;
using Connector.Decoding.Text;
using Connector.LlamaCpp;

namespace Connector.Benchmarks.Micro;

/// <summary>Tokens to text as they stream.</summary>
public class TextBenchmarks
{
    private LlamaModel _model = null!;
    private Vocabulary _vocabulary = null!;
    private int[] _tokens = [];
    private StopMatcher _stops = new();

    [Params(0, 4)]
    public int StopSequences { get; set; }

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _model = await Inputs.LoadVocabularyAsync();
        _vocabulary = _model.Vocabulary;
        _tokens = _vocabulary.Tokenize(Inputs.Text, parseSpecial: false)[..1000];
        _stops = new StopMatcher(Enumerable.Range(0, StopSequences).Select(i => $"\nSTOP {i}"));
    }

    [GlobalCleanup]
    public void CleanUp() => _model.Dispose();

    /// <summary>A thousand tokens.</summary>
    [Benchmark(OperationsPerInvoke = 1000)]
    public int Detokenise()
    {
        var text = new TextAssembler(_stops);
        var length = 0;
        foreach (var token in _tokens)
        {
            length += text.Append(_vocabulary, token).Length;
        }

        return length + text.Flush().Length;
    }
}
