using System.Diagnostics;
using Connector.Decoding;
using Connector.Decoding.Engine;
using Connector.Decoding.Speculation;

namespace Connector.Benchmarks.EndToEnd.Speculative;

/// <summary>One answer.</summary>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Seconds">From the first token until the last.</param>
/// <param name="Usage">What it cost.</param>
/// <param name="Bytes">Allocated meanwhile, by the whole process.</param>
internal sealed record Answer(int[] Tokens, double Seconds, GenerationUsage Usage, long Bytes);

/// <summary>Two engines on one model: plain, and with drafts.</summary>
internal sealed class DecodingPair : IAsyncDisposable
{
    private readonly DecodingEngine _plain;
    private readonly DecodingEngine _drafting;

    public DecodingPair(ILanguageModel model, Speculation speculation, EngineOptions options)
    {
        var drafting = speculation.Drafting(model)
            ?? throw new ArgumentException("There is nothing to compare with: speculation is off.", nameof(speculation));
        _plain = new DecodingEngine(model, options with { Drafting = null });
        _drafting = new DecodingEngine(model, options with { Drafting = context => Planner = (DraftPlanner)drafting(context) });
    }

    /// <summary>The planner, for its statistics.</summary>
    public DraftPlanner? Planner { get; private set; }

    /// <summary>Answers plainly.</summary>
    public Task<Answer> PlainAsync(GenerationRequest request, CancellationToken cancellationToken) => RunAsync(_plain, request, cancellationToken);

    /// <summary>Answers with drafts.</summary>
    public Task<Answer> DraftingAsync(GenerationRequest request, CancellationToken cancellationToken) => RunAsync(_drafting, request, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _plain.DisposeAsync();
        await _drafting.DisposeAsync();
    }

    private static async Task<Answer> RunAsync(DecodingEngine engine, GenerationRequest request, CancellationToken cancellationToken)
    {
        var tokens = new List<int>(request.MaxTokens ?? 0);
        var generation = engine.Submit(request, cancellationToken);
        var (start, bytes) = (0L, 0L);
        await foreach (var token in generation.WithCancellation(cancellationToken))
        {
            if (tokens.Count == 0)
            {
                (start, bytes) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes());
            }

            tokens.Add(token.Token);
        }

        return new Answer([.. tokens], start == 0 ? 0 : Stopwatch.GetElapsedTime(start).TotalSeconds, generation.Usage, GC.GetTotalAllocatedBytes() - bytes);
    }
}
