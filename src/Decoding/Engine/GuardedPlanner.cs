using Connector.Decoding.Speculation;
using Microsoft.Extensions.Logging;

namespace Connector.Decoding.Engine;

/// <summary>
/// A planner whose failure costs speed and nothing else: after an exception there are no more drafts. Also the planner of an engine that has none.
/// </summary>
internal sealed class GuardedPlanner(IDraftPlanner? planner, ILogger logger) : IDisposable
{
    private bool _failed;

    public bool IsActive => planner is not null && !_failed;

    public void Begin(DraftSequence sequence) => Try(static (p, s) => p.Begin(s), sequence);

    public void End(DraftSequence sequence) => Try(static (p, s) => p.End(s), sequence);

    public void Plan(ReadOnlySpan<DraftSequence> sequences, in StepBudget step)
    {
        if (!IsActive)
        {
            return;
        }

        try
        {
            planner!.Plan(sequences, step);
        }
        catch (Exception cause)
        {
            Fail(cause);
            foreach (var sequence in sequences)
            {
                sequence.Tree.Reset(sequence.Tree.Tokens[0]);
            }
        }
    }

    public void ObserveLogits(DraftSequence sequence, int node, ReadOnlySpan<float> logits)
    {
        if (!IsActive)
        {
            return;
        }

        try
        {
            planner!.ObserveLogits(sequence, node, logits);
        }
        catch (Exception cause)
        {
            Fail(cause);
        }
    }

    public void Committed(DraftSequence sequence, ReadOnlySpan<int> path, ReadOnlySpan<int> tokens)
    {
        if (!IsActive)
        {
            return;
        }

        try
        {
            planner!.Committed(sequence, path, tokens);
        }
        catch (Exception cause)
        {
            Fail(cause);
        }
    }

    public void StepCompleted(in StepBudget step, int rows, TimeSpan evaluation)
    {
        if (!IsActive)
        {
            return;
        }

        try
        {
            planner!.StepCompleted(step, rows, evaluation);
        }
        catch (Exception cause)
        {
            Fail(cause);
        }
    }

    public void Dispose() => planner?.Dispose();

    private void Try(Action<IDraftPlanner, DraftSequence> call, DraftSequence sequence)
    {
        if (!IsActive)
        {
            return;
        }

        try
        {
            call(planner!, sequence);
        }
        catch (Exception cause)
        {
            Fail(cause);
        }
    }

    private void Fail(Exception cause)
    {
        _failed = true;
        EngineLog.DraftingFailed(logger, cause);
    }
}
