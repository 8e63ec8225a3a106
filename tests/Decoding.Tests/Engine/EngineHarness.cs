using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connector.Decoding.Tests.Engine;

/// <summary>Steps an engine by hand, and says what a request gives when nothing else runs.</summary>
internal static class EngineHarness
{
    /// <summary>An engine without a thread, whose tokens are there to read after their step.</summary>
    public static DecodingEngine Create(ScriptedModel model, EngineOptions? options = null, TimeProvider? time = null, ILogger? logger = null) =>
        new(model, (options ?? new EngineOptions()) with { WakeInterval = TimeSpan.Zero }, time ?? TimeProvider.System, logger ?? NullLogger.Instance, ownThread: false);

    public static GenerationRequest Request(string prompt, int maxTokens = 12, ulong seed = 0, float temperature = 1) => new()
    {
        Prompt = prompt.Select(c => c - 'a').ToArray(),
        MaxTokens = maxTokens,
        Sampling = new SamplingOptions { Seed = seed, Temperature = temperature },
    };

    public static string Letters(IEnumerable<int> tokens) => string.Concat(tokens.Select(t => (char)('a' + t)));

    /// <summary>What is there to read now.</summary>
    public static List<int> ReadAvailable(Generation generation, int most = int.MaxValue)
    {
        var tokens = new List<int>();
        while (tokens.Count < most && generation.TryRead(out var token))
        {
            tokens.Add(token.Token);
        }

        return tokens;
    }

    /// <summary>Steps until a generation has ended and returns its text.</summary>
    public static string RunToEnd(DecodingEngine engine, Generation generation)
    {
        var tokens = new List<int>();
        for (var i = 0; i < 10_000 && !generation.IsReadToEnd; i++)
        {
            engine.Step();
            tokens.AddRange(ReadAvailable(generation));
        }

        Assert.True(generation.IsReadToEnd, "the generation does not end");
        Assert.Null(generation.Failure);
        return Letters(tokens);
    }

    /// <summary>The plain loop: evaluate the prompt, sample, evaluate the token, … in a context of its own.</summary>
    public static (string Text, FinishReason Reason) Alone(ScriptedModel model, GenerationRequest request, int contextTokens)
    {
        var twin = new ScriptedModel { Habit = model.Habit, Salt = model.Salt };
        using var context = twin.CreateContext(new ContextOptions { Capacity = 4096, MaxBatchTokens = 1, MaxOutputs = 1 });
        var batch = new TokenBatch(1);
        var sampler = new TokenSampler(request.Sampling, ScriptedModel.VocabularySize);
        var history = new TokenHistory(request.Prompt.Span);
        var text = "";
        for (var position = 0; position < contextTokens; position++)
        {
            batch.Clear();
            batch.Add(history.Tokens[position], position, 0, wantsLogits: true);
            context.Evaluate(batch);
            if (position < request.Prompt.Length - 1)
            {
                continue;
            }

            var token = sampler.Sample(context.Logits(0), history, history.GeneratedCount, null);
            history.Append(token);
            if (model.Vocabulary.IsEndOfGeneration(token))
            {
                return (text, FinishReason.EndOfGeneration);
            }

            text += (char)('a' + token);
            if (request.StopSequences.Any(s => text.Contains(s, StringComparison.Ordinal)))
            {
                return (text, FinishReason.StopSequence);
            }

            if (history.GeneratedCount == request.MaxTokens)
            {
                return (text, FinishReason.MaxTokens);
            }
        }

        return (text, FinishReason.ContextFull);
    }

    /// <summary>No slot, lane or cell is lost: what is left in the context is what the prefix cache holds.</summary>
    public static void AssertNothingLeaked(DecodingEngine engine, ScriptedModel model)
    {
        Assert.Empty(model.BrokenRules);
        engine.Step();
        Assert.Equal(0, engine.ActiveCount);
        Assert.Equal(0, engine.QueueLength);
        var context = model.LastContext!;
        var cached = engine.Loop.Memory.Cached;
        for (var id = 0; id < context.MaxSequences; id++)
        {
            var expected = cached.FirstOrDefault(s => s.Id == id);
            Assert.Equal(expected is null ? "" : Letters(expected.Tokens.ToArray()), Letters(context.Tokens(id)));
        }

        Assert.Equal(context.UsedCells, context.Capacity - engine.Loop.Memory.Free);
        while (engine.Loop.Memory.EvictOldest())
        {
        }

        Assert.All(engine.Loop.Memory.Cached, s => Assert.True(s.Pins > 0));
        Assert.Equal(context.UsedCells, context.Capacity - engine.Loop.Memory.Free);
        Assert.Equal(engine.Loop.Memory.Free, engine.Loop.Memory.FreeAfterEvictions);
    }
}

/// <summary>Keeps what is logged as an error: a failure that the engine survives still fails a test that expects none.</summary>
internal sealed class ErrorLog : ILogger
{
    public List<string> Errors { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Errors.Add(formatter(state, exception) + " " + exception);
        }
    }
}
