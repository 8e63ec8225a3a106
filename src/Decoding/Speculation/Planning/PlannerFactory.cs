using Microsoft.Extensions.Logging;

namespace Connector.Decoding.Speculation;

/// <summary>Makes the planner of an engine: measures the device, or takes what is kept of an earlier run.</summary>
internal static partial class PlannerFactory
{
    /// <summary>Makes a planner, which owns the sources and keeps its costs again when it is disposed.</summary>
    public static DraftPlanner Create(
        ILanguageModel model, IModelContext context, IReadOnlyList<IDraftSource> sources, SpeculationLimits limits, SpeculationSetup setup)
    {
        try
        {
            return CreateOwning(model, context, sources, limits, setup);
        }
        catch
        {
            // A draft model's context among them.
            foreach (var source in sources.OfType<IDisposable>())
            {
                source.Dispose();
            }

            throw;
        }
    }

    private static DraftPlanner CreateOwning(
        ILanguageModel model, IModelContext context, IReadOnlyList<IDraftSource> sources, SpeculationLimits limits, SpeculationSetup setup)
    {
        var memory = context.Memory.HasFlag(MemoryCapabilities.Tree) ? "trees" : context.Memory.HasFlag(MemoryCapabilities.Rewind) ? "chains" : "nothing";
        LogShape(setup.Logger, model.Name, memory, string.Join(", ", sources.Select(s => s.Name)));
        foreach (var draft in sources.OfType<ModelDraft>())
        {
            LogDraftModel(setup.Logger, draft.Model.Name, draft.Capacity);
        }

        var key = $"{model.Name}|{setup.Device}|{context.Conditions}";
        var store = setup.CacheFolder is { } folder ? new StepCostStore(folder) : null;
        var cost = store?.Load(key) ?? Measure(model, context, limits, setup);
        return new DraftPlanner([.. sources], cost, setup.Clock, limits.MaxDrafted, model.Name)
        {
            Disposed = store is null ? null : () => Save(store, key, cost, setup.Logger),
        };
    }

    private static StepCostModel Measure(ILanguageModel model, IModelContext context, SpeculationLimits limits, SpeculationSetup setup)
    {
        if (!context.Memory.HasFlag(MemoryCapabilities.Rewind))
        {
            return StepCostModel.Through([(1, 1)]);
        }

        var batch = new TokenBatch(context.MaxBatchTokens);
        var cost = StepCostCalibration.Measure(n => Time(model, context, batch, n, setup.Clock), limits.Calibration);
        LogCost(setup.Logger, model.Name, cost.Milliseconds(1, 0), cost.Milliseconds(4, 0), cost.Milliseconds(16, 0), cost.Milliseconds(64, 0));
        return cost;
    }

    private static TimeSpan? Time(ILanguageModel model, IModelContext context, TokenBatch batch, int tokens, TimeProvider clock)
    {
        if (tokens > Math.Min(context.MaxOutputs, Math.Min(batch.Capacity, context.Capacity)))
        {
            return null;
        }

        // Any tokens will do; spread over the vocabulary they touch as much of the embedding as text does.
        const int stride = 7919;
        batch.Clear();
        for (var i = 0; i < tokens; i++)
        {
            batch.Add((int)((long)i * stride % model.Vocabulary.Count), i, 0, wantsLogits: true);
        }

        var start = clock.GetTimestamp();
        context.Evaluate(batch);
        var time = clock.GetElapsedTime(start);
        context.Truncate(0, 0);
        return time;
    }

    private static void Save(StepCostStore store, string key, StepCostModel cost, ILogger logger)
    {
        try
        {
            store.Save(key, cost);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotKept(logger, e);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Drafts for {Model} are {Shape}, guessed by: {Sources}.")]
    private static partial void LogShape(ILogger logger, string model, string shape, string sources);

    [LoggerMessage(2, LogLevel.Information, "{Model} drafts, with a context of {Tokens} tokens of its own.")]
    private static partial void LogDraftModel(ILogger logger, string model, int tokens);

    [LoggerMessage(3, LogLevel.Information, "A call of {Model} takes {One:0.00} ms for 1 token, {Four:0.00} for 4, {Sixteen:0.00} for 16, {SixtyFour:0.00} for 64.")]
    private static partial void LogCost(ILogger logger, string model, double one, double four, double sixteen, double sixtyFour);

    [LoggerMessage(4, LogLevel.Warning, "Measured step costs could not be kept; the next start measures again.")]
    private static partial void LogNotKept(ILogger logger, Exception cause);
}
