using System.Diagnostics.Metrics;

namespace Connector.Decoding.Engine;

/// <summary>The engine's meter, "Connector.Decoding"; every instrument carries the model's name.</summary>
internal sealed class EngineMetrics : IDisposable
{
    public const string MeterName = "Connector.Decoding";

    private readonly Meter _meter;
    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _cachedTokens;
    private readonly Counter<long> _generatedTokens;
    private readonly Counter<long> _drafted;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _forced;
    private readonly Histogram<double> _stepTime;

    public EngineMetrics(string model, Func<int> queueLength, Func<int> activeSequences)
    {
        _meter = new Meter(new MeterOptions(MeterName) { Tags = [new KeyValuePair<string, object?>("model", model)] });
        _promptTokens = _meter.CreateCounter<long>("connector.decoding.prompt_tokens", "{token}", "Prompt tokens of requests that got a slot.");
        _cachedTokens = _meter.CreateCounter<long>("connector.decoding.cached_tokens", "{token}", "Prompt tokens found in the prefix cache.");
        _generatedTokens = _meter.CreateCounter<long>("connector.decoding.generated_tokens", "{token}", "Tokens committed.");
        _drafted = _meter.CreateCounter<long>("connector.decoding.drafted_tokens", "{token}", "Draft tokens evaluated.");
        _accepted = _meter.CreateCounter<long>("connector.decoding.accepted_tokens", "{token}", "Draft tokens confirmed where a constraint left a choice; the others are forced.");
        _forced = _meter.CreateCounter<long>("connector.decoding.forced_tokens", "{token}", "Tokens that a constraint left no choice about, drafted or not.");
        _stepTime = _meter.CreateHistogram<double>("connector.decoding.step_time", "s", "Time of one call of the model.");
        _meter.CreateObservableGauge("connector.decoding.queue_length", queueLength, "{request}", "Requests that wait for a slot.");
        _meter.CreateObservableGauge("connector.decoding.active_sequences", activeSequences, "{request}", "Requests that have a slot.");
    }

    public void Started(int prompt, int cached)
    {
        _promptTokens.Add(prompt);
        _cachedTokens.Add(cached);
    }

    public void Committed(int tokens, int drafted, int accepted, int forced)
    {
        _generatedTokens.Add(tokens);
        _drafted.Add(drafted);
        _accepted.Add(accepted);
        _forced.Add(forced);
    }

    public void StepTime(TimeSpan elapsed) => _stepTime.Record(elapsed.TotalSeconds);

    public void Dispose() => _meter.Dispose();
}
