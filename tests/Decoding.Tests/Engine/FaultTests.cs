using System.Diagnostics.Metrics;
using Connector.Decoding.Constraints;
using Connector.Decoding.Engine;
using Microsoft.Extensions.Logging;
using static Connector.Decoding.Tests.Engine.EngineHarness;

namespace Connector.Decoding.Tests.Engine;

public sealed class FaultTests
{
    [Fact]
    public void A_failed_evaluation_fails_its_requests_with_the_cause_and_the_others_go_on()
    {
        for (var failing = 0; failing < 12; failing++)
        {
            var at = failing;
            var model = new ScriptedModel { Fault = i => i == at ? new ModelEvaluationException("the device is gone") : null };
            using var engine = Create(model, new EngineOptions { MaxSequences = 3, MaxBatchTokens = 6, ReaderBuffer = 2 });
            var requests = Enumerable.Range(0, 6).Select(i => Request("bcdbcd" + (char)('b' + i), 20, (ulong)i)).ToList();
            var generations = requests.ConvertAll(r => engine.Submit(r));
            var texts = generations.ConvertAll(_ => "");
            for (var i = 0; i < 2000 && generations.Exists(g => !g.IsReadToEnd); i++)
            {
                engine.Step();

                // Every other reader is slow, so that some requests are paused when it happens.
                texts = [.. texts.Zip(generations, (t, g) => t + (i % 8 == 0 || generations.IndexOf(g) % 2 == 0 ? Letters(ReadAvailable(g)) : ""))];
            }

            var failed = generations.Where(g => g.Failure is not null).ToList();
            Assert.NotEmpty(failed);
            Assert.All(failed, g => Assert.Equal("the device is gone", Assert.IsType<ModelEvaluationException>(g.Failure).Message));
            for (var i = 0; i < requests.Count; i++)
            {
                var alone = Alone(model, requests[i], 64).Text;
                Assert.StartsWith(texts[i], alone, StringComparison.Ordinal);
                Assert.True(generations[i].Failure is not null || texts[i] == alone);
            }

            Assert.Equal(1, model.LiveContexts);
            AssertNothingLeaked(engine, model);
        }
    }

    [Fact]
    public void An_unknown_exception_becomes_one_that_says_what_failed()
    {
        var model = new ScriptedModel { Fault = i => i == 0 ? new IOException("odd") : null };
        using var engine = Create(model);
        var generation = engine.Submit(Request("bc"));
        engine.Step();
        Assert.IsType<IOException>(Assert.IsType<ModelEvaluationException>(generation.Failure).InnerException);
    }

    [Fact]
    public void A_failing_memory_operation_fails_what_runs_and_the_engine_goes_on()
    {
        var model = new ScriptedModel();
        using var engine = Create(model, new EngineOptions { MaxSequences = 2 });
        var request = Request("bcdbcdbcdbcdbcdbcdbcd", 20, seed: 1);
        RunToEnd(engine, engine.Submit(request));
        model.CopyFault = new ModelEvaluationException("copy failed");
        var generation = engine.Submit(request, completions: 2);
        engine.Step();
        Assert.Contains(generation, g => g.Failure is ModelEvaluationException { Message: "copy failed" });
        model.CopyFault = null;
        Assert.Equal(Alone(model, request, 64).Text, RunToEnd(engine, engine.Submit(request)));
        for (var i = 0; i < 40; i++)
        {
            engine.Step();
            generation.ToList().ForEach(g => ReadAvailable(g));
        }

        AssertNothingLeaked(engine, model);
    }

    [Fact]
    public void A_broken_constraint_fails_its_own_request_only()
    {
        var model = new ScriptedModel();
        using var engine = Create(model);
        var request = Request("bcd", 20, seed: 1);
        var broken = engine.Submit(request with { Constraint = new BrokenConstraint(afterTokens: 3) });
        var sound = engine.Submit(request);
        Assert.Equal(Alone(model, request, 64).Text, RunToEnd(engine, sound));
        Assert.Equal("broken constraint", broken.Failure!.Message);
        AssertNothingLeaked(engine, model);
    }

    [Fact]
    public void A_failing_planner_costs_its_drafts_and_no_text()
    {
        var model = new ScriptedModel();
        var log = new ErrorLog();
        RandomDrafts? drafts = null;
        using var engine = Create(model, new EngineOptions { Drafting = _ => drafts = new RandomDrafts(new Random(1), _ => throw new IOException("no drafts"), false) }, logger: log);
        var request = Request("bcd", 20, seed: 1);
        Assert.Equal(Alone(model, request, 64).Text, RunToEnd(engine, engine.Submit(request)));
        Assert.Contains("no drafts", Assert.Single(log.Errors), StringComparison.Ordinal);
        drafts!.Dispose();
    }

    [Fact]
    public async Task A_context_that_cannot_be_rebuilt_ends_the_engine_with_the_cause()
    {
        using var model = new ScriptedModel { Fault = _ => new ModelEvaluationException("gone") };
        model.Evaluating = _ => model.RefusesContexts = true;
        await using var engine = new DecodingEngine(model);
        var first = engine.Submit(Request("bc"));
        await Assert.ThrowsAsync<ModelEvaluationException>(() => ReadAllAsync(first));

        // The engine's thread fails the request before it knows that there will be no new context.
        Exception? refusal;
        do
        {
            await Task.Yield();
            refusal = Record.Exception(() => engine.Submit(Request("bc")));
        }
        while (refusal is null or EngineBusyException);

        Assert.Contains("no more contexts", Assert.IsType<InvalidOperationException>(refusal).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposal_aborts_what_runs_or_waits()
    {
        using var model = new ScriptedModel();
        var engine = new DecodingEngine(model, new EngineOptions { MaxSequences = 1, ReaderBuffer = 2 });
        var request = Enumerable.Range(0, 50).Select(s => Request("bb", 30, (ulong)s)).First(r => Alone(model, r, 64).Text.Length == 30);
        var generations = new[] { engine.Submit(request), engine.Submit(request) };
        await engine.DisposeAsync();
        foreach (var generation in generations)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => ReadAllAsync(generation));
        }

        Assert.Throws<ObjectDisposedException>(() => engine.Submit(request));
        Assert.Equal(0, model.LiveContexts);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Disposal_that_drains_finishes_what_runs_or_waits()
    {
        using var model = new ScriptedModel();
        var engine = new DecodingEngine(model, new EngineOptions { MaxSequences = 1, ReaderBuffer = 2 });
        var request = Enumerable.Range(0, 50).Select(s => Request("bb", 30, (ulong)s)).First(r => Alone(model, r, 64).Text.Length == 30);
        var generations = new[] { engine.Submit(request), engine.Submit(request) };
        var end = engine.DisposeAsync(drain: true);
        Assert.Throws<ObjectDisposedException>(() => engine.Submit(request));
        Assert.All(await Task.WhenAll(generations.Select(ReadAllAsync)), text => Assert.Equal(30, text.Length));
        await end;
        Assert.Equal(0, model.LiveContexts);
    }

    [Fact]
    public async Task Draining_can_be_given_up()
    {
        using var model = new ScriptedModel();
        var engine = new DecodingEngine(model, new EngineOptions { ReaderBuffer = 2 });
        var request = Enumerable.Range(0, 50).Select(s => Request("bb", 30, (ulong)s)).First(r => Alone(model, r, 64).Text.Length == 30);
        var unread = engine.Submit(request);
        using var giveUp = new CancellationTokenSource();
        var end = engine.DisposeAsync(drain: true, giveUp.Token);
        await giveUp.CancelAsync();
        await end;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ReadAllAsync(unread));
    }

    [Fact]
    public void An_engine_that_cannot_be_made_leaves_no_context_and_no_instruments()
    {
        using var model = new ScriptedModel { Name = "never an engine" };
        Assert.Throws<IOException>(() => Create(model, new EngineOptions { Drafting = _ => throw new IOException("no draft model") }));
        Assert.Throws<IOException>(() => Create(model, logger: new BrokenLog()));
        Assert.Equal(0, model.LiveContexts);
        var left = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Tags?.Any(t => Equals(t.Value, model.Name)) == true)
                {
                    left.Add(instrument.Name);
                }
            },
        };
        listener.Start();
        Assert.Empty(left);
    }

    [Fact]
    public async Task Disposals_at_the_same_time_all_come_to_an_end()
    {
        for (var round = 0; round < 20; round++)
        {
            using var isEvaluating = new ManualResetEventSlim();
            using var goOn = new ManualResetEventSlim();
            using var model = new ScriptedModel
            {
                Evaluating = _ =>
                {
                    isEvaluating.Set();
                    goOn.Wait();
                },
            };
            var engine = new DecodingEngine(model);
            engine.Submit(Request("bc"));
            isEvaluating.Wait();
            using var giveUp = new CancellationTokenSource();
            var disposals = Enumerable.Range(0, 8).Select(i => engine.DisposeAsync(drain: i == 0, giveUp.Token).AsTask()).ToList();
            goOn.Set();
            await giveUp.CancelAsync();
            await Task.WhenAll(disposals).WaitAsync(TimeSpan.FromMinutes(1));
            Assert.Equal(0, model.LiveContexts);
        }
    }

    private static async Task<string> ReadAllAsync(Generation generation)
    {
        var tokens = new List<int>();
        await foreach (var token in generation)
        {
            tokens.Add(token.Token);
        }

        return Letters(tokens);
    }

    private sealed class BrokenLog : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => throw new IOException("no log");

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new IOException("no log");
    }

    private sealed class BrokenConstraint(int afterTokens) : ITokenConstraint
    {
        private static readonly TokenMask Everything = TokenMask.FromTokens(Enumerable.Range(1, ScriptedModel.VocabularySize - 1));

        public ConstraintState Start => default;

        public bool TryAdvance(ref ConstraintState state, int token)
        {
            state = state with { Parser = state.Parser + 1 };
            return true;
        }

        public TokenMask Mask(in ConstraintState state) => state.Parser < afterTokens ? Everything : throw new InvalidOperationException("broken constraint");

        public int ForcedTokens(in ConstraintState state, Span<int> tokens) => 0;

        public bool IsComplete(in ConstraintState state) => false;
    }
}
