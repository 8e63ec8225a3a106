using System.Collections.Immutable;
using System.Diagnostics;
using Connector.Benchmarks.EndToEnd.Reporting;
using Connector.Decoding;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;

namespace Connector.Benchmarks.EndToEnd.Throughput;

/// <summary>When a request's tokens came, in milliseconds since it was submitted.</summary>
internal sealed record Arrivals(long SubmittedAt, List<double> Milliseconds, GenerationUsage Usage)
{
    public double First => Milliseconds[0];

    /// <summary>Times between one token and the next.</summary>
    public IEnumerable<double> Gaps => Milliseconds.Zip(Milliseconds.Skip(1), (a, b) => b - a);
}

/// <summary>Requests as users send them.</summary>
internal static class Traffic
{
    /// <summary>A prompt of exactly so many tokens, the given texts one after another, from another place for each number.</summary>
    public static int[] Prompt(Vocabulary vocabulary, IReadOnlyList<BenchmarkPrompt> prompts, int length, int number)
    {
        var tokens = new List<int>(length);
        if (vocabulary is { AddsBeginOfSequence: true, BeginOfSequence: { } begin })
        {
            tokens.Add(begin);
        }

        for (var i = number; tokens.Count < length; i++)
        {
            tokens.AddRange(vocabulary.Tokenize($"{i}. {prompts[i % prompts.Count].Text}\n", parseSpecial: false));
        }

        return [.. tokens.Take(length)];
    }

    /// <summary>A request that generates exactly so many tokens: end tokens are forbidden.</summary>
    public static GenerationRequest Request(Vocabulary vocabulary, ReadOnlyMemory<int> prompt, int tokens, int seed) => new()
    {
        Prompt = prompt,
        MaxTokens = tokens,
        Sampling = new SamplingOptions
        {
            Temperature = 0.8f,
            TopP = 0.95f,
            Seed = (ulong)seed,
            LogitBias = vocabulary.EndOfGeneration.ToImmutableDictionary(t => t, _ => float.NegativeInfinity),
        },
    };

    /// <summary>Submits a request and reads it to its end.</summary>
    public static async Task<Arrivals> SendAsync(DecodingEngine engine, GenerationRequest request, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var times = new List<double>(request.MaxTokens ?? 0);
        var generation = engine.Submit(request, cancellationToken);
        await foreach (var token in generation)
        {
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return new Arrivals(start, times, generation.Usage);
    }

    /// <summary>The value below which a share of samples lies.</summary>
    public static double Percentile(IEnumerable<double> samples, double share)
    {
        double[] sorted = [.. samples];
        Array.Sort(sorted);
        return sorted.Length == 0 ? double.NaN : Estimate.Percentile(sorted, share);
    }
}
