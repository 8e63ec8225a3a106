using System.Diagnostics;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Connector.Decoding.Speculation;

namespace Connector.Benchmarks.DraftReplay;

/// <summary>What replaying a trace gave.</summary>
/// <param name="Category">The trace's category.</param>
/// <param name="Plain">What plain decoding costs, in units of one token.</param>
/// <param name="Cost">What the planner's steps cost.</param>
/// <param name="Tokens">Tokens committed after the first.</param>
/// <param name="Steps">Steps taken.</param>
internal sealed record ReplayResult(string Category, double Plain, double Cost, int Tokens, int Steps);

/// <summary>
/// Runs the planner over recorded runs as the engine would: plan, look up which drafts the recorded answer accepts,
/// let the planner learn. Only the recorded path has logits, so rejected drafts teach nothing here.
/// </summary>
internal sealed class Replay(IDraftPlanner planner, CostCurve curve, int vocabularySize, int maxNodes, int maxLeaves)
{
    private readonly float[] _row = NewRow(vocabularySize);
    private readonly List<int> _path = [];
    private readonly DraftSequence[] _sequences = new DraftSequence[1];

    /// <summary>Time that drafting took.</summary>
    public TimeSpan Drafting { get; private set; }

    /// <summary>Time that looking at logits, scoring and learning took.</summary>
    public TimeSpan Bookkeeping { get; private set; }

    /// <summary>Bytes that the planner allocated in steps.</summary>
    public long Allocated { get; private set; }

    /// <summary>Replays one trace.</summary>
    public ReplayResult Run(Trace trace)
    {
        var history = new TokenHistory(trace.Prompt, trace.Output.Length);
        var request = new GenerationRequest { Prompt = trace.Prompt, Sampling = SamplingOptions.Greedy };
        var sequence = new DraftSequence(request, history, maxNodes) { MaxNodes = maxNodes, MaxLeaves = maxLeaves };
        planner.Begin(sequence);
        history.Append(trace.Output[0]);
        var (cost, steps, done) = (0.0, 0, 1);
        while (done < trace.Output.Length)
        {
            var committed = Step(trace, sequence, done);
            cost += curve.Units(sequence.Tree.Count);
            done += committed;
            steps++;
        }

        planner.End(sequence);
        return new ReplayResult(trace.Category, (trace.Output.Length - 1) * curve.Units(1), cost, trace.Output.Length - 1, steps);
    }

    private int Step(Trace trace, DraftSequence sequence, int done)
    {
        _sequences[0] = sequence;
        sequence.Tree.Reset(trace.Output[done - 1]);
        sequence.MaxDepth = trace.Output.Length - done - 1;
        var budget = new StepBudget(maxNodes - 1, 0, sequence.History.Count);
        var (start, bytes) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        planner.Plan(_sequences, budget);
        Drafting += Stopwatch.GetElapsedTime(start);
        Allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;

        _path.Clear();
        for (var node = sequence.Tree.FindChild(0, trace.Output[done]); node >= 0 && done + _path.Count + 1 < trace.Output.Length;
            node = sequence.Tree.FindChild(node, trace.Output[done + _path.Count]))
        {
            _path.Add(node);
        }

        var tokens = trace.Output.AsSpan(done, _path.Count + 1);
        Observe(trace, sequence, done, 0);
        for (var i = 0; i < _path.Count; i++)
        {
            Observe(trace, sequence, done + i + 1, _path[i]);
        }

        foreach (var token in tokens)
        {
            sequence.History.Append(token);
        }

        (start, bytes) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        planner.Committed(sequence, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_path), tokens);
        planner.StepCompleted(budget, sequence.Tree.Count, curve.Time(sequence.Tree.Count));
        Bookkeeping += Stopwatch.GetElapsedTime(start);
        Allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
        return tokens.Length;
    }

    private void Observe(Trace trace, DraftSequence sequence, int position, int node)
    {
        foreach (var (token, probability) in trace.Top[position])
        {
            _row[token] = MathF.Log(MathF.Max(probability, 1e-4f));
        }

        var (start, bytes) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        planner.ObserveLogits(sequence, node, _row);
        Bookkeeping += Stopwatch.GetElapsedTime(start);
        Allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
        foreach (var (token, _) in trace.Top[position])
        {
            _row[token] = float.NegativeInfinity;
        }
    }

    private static float[] NewRow(int length)
    {
        var row = new float[length];
        Array.Fill(row, float.NegativeInfinity);
        return row;
    }
}
