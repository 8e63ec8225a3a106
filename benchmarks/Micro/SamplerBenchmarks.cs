using BenchmarkDotNet.Attributes;
using Connector.Decoding.Sampling;

namespace Connector.Benchmarks.Micro;

/// <summary>Choosing one token from made-up logits: normal noise with a few likely ones, as models give.</summary>
public class SamplerBenchmarks
{
    private float[] _logits = [];
    private float[] _work = [];
    private TokenHistory _history = new([]);
    private TokenSampler _sampler = null!;
    private int _position;

    [Params(32_000, 152_000)]
    public int Vocabulary { get; set; }

    [Params("greedy", "temperature", "llama.cpp defaults", "penalties")]
    public string Options { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        var random = new Random(1);
        _logits = [.. Enumerable.Range(0, Vocabulary).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()) * 2))];
        for (var i = 0; i < 20; i++)
        {
            _logits[random.Next(Vocabulary)] += 12;
        }

        _work = new float[Vocabulary];
        _history = new TokenHistory([.. Enumerable.Range(0, 500).Select(_ => random.Next(Vocabulary))]);
        var defaults = new SamplingOptions { Temperature = 0.8f, TopK = 40, TopP = 0.95f, MinP = 0.05f };
        _sampler = new TokenSampler(
            Options switch
            {
                "greedy" => SamplingOptions.Greedy,
                "temperature" => new SamplingOptions(),
                "llama.cpp defaults" => defaults,
                _ => defaults with { RepetitionPenalty = 1.1f, FrequencyPenalty = 0.1f, PresencePenalty = 0.1f, DryMultiplier = 0.8f },
            },
            Vocabulary);
    }

    /// <summary>The cost of putting the logits in place, part of every other figure.</summary>
    [Benchmark(Baseline = true)]
    public void Copy() => _logits.CopyTo(_work, 0);

    [Benchmark]
    public int Sample()
    {
        _logits.CopyTo(_work, 0);
        return _sampler.Sample(_work, _history, _position++ & 1023, mask: null);
    }
}
