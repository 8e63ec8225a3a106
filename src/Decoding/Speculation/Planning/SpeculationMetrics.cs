using System.Diagnostics.Metrics;

namespace Connector.Decoding.Speculation;

/// <summary>Instruments of the meter "Connector.Decoding" about drafts; each carries the model's name, counts also the source's.</summary>
internal sealed class SpeculationMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _drafted;
    private readonly Counter<long> _accepted;
    private readonly UpDownCounter<double> _saved;
    private readonly Histogram<double> _time;
    private readonly KeyValuePair<string, object?>[] _sources;

    /// <summary>Makes the instruments.</summary>
    public SpeculationMetrics(string model, IReadOnlyList<string> sources)
    {
        _meter = new Meter(new MeterOptions("Connector.Decoding") { Tags = [new KeyValuePair<string, object?>("model", model)] });
        _drafted = _meter.CreateCounter<long>("connector.decoding.source.drafted_tokens", "{token}", "Draft tokens evaluated, by the source that was surest of them.");
        _accepted = _meter.CreateCounter<long>("connector.decoding.source.accepted_tokens", "{token}", "Draft tokens confirmed, likewise; forced ones included.");
        _saved = _meter.CreateUpDownCounter<double>("connector.decoding.saved_time", "s", "Time saved against plain decoding, as the ledger sees it.");
        _time = _meter.CreateHistogram<double>("connector.decoding.drafting_time", "s", "Time of a step spent on drafting and learning.");
        _sources = [.. sources.Select(s => new KeyValuePair<string, object?>("source", s))];
    }

    /// <summary>Counts a step's drafts.</summary>
    public void Add(TokenTree tree, ReadOnlySpan<byte> leads, ReadOnlySpan<int> path)
    {
        for (var node = 1; _drafted.Enabled && node < tree.Count; node++)
        {
            _drafted.Add(1, _sources[leads[node]]);
        }

        for (var i = 0; _accepted.Enabled && i < path.Length; i++)
        {
            _accepted.Add(1, _sources[leads[path[i]]]);
        }
    }

    /// <summary>Counts a step's time.</summary>
    public void AddStep(TimeSpan own, double savedMilliseconds)
    {
        _time.Record(own.TotalSeconds);
        _saved.Add(savedMilliseconds / 1000);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
