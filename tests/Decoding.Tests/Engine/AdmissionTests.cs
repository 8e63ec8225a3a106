using System.Collections.Immutable;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;
using static Connector.Decoding.Tests.Engine.EngineHarness;

namespace Connector.Decoding.Tests.Engine;

public sealed class AdmissionTests
{
    [Fact]
    public void A_full_queue_is_busy_at_once_and_says_how_full()
    {
        using var engine = Create(new ScriptedModel(), new EngineOptions { MaxSequences = 1, MaxQueued = 2 });
        for (var i = 0; i < 3; i++)
        {
            engine.Submit(Request("bcd"));
        }

        Assert.Equal(3, Assert.Throws<EngineBusyException>(() => engine.Submit(Request("bcd"))).QueueLength);
        engine.Step();
        Assert.Equal((1, 2), (engine.ActiveCount, engine.QueueLength));
        Assert.Equal(2, Assert.Throws<EngineBusyException>(() => engine.Submit(Request("bcd"))).QueueLength);
    }

    [Fact]
    public void Several_completions_get_in_together_or_not_at_all()
    {
        using var engine = Create(new ScriptedModel(), new EngineOptions { MaxSequences = 1, MaxQueued = 2 });
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.Submit(Request("bcd"), completions: 4));
        engine.Submit(Request("bcd"));
        Assert.Throws<EngineBusyException>(() => engine.Submit(Request("bcd"), completions: 3));
        Assert.Equal(1, engine.QueueLength);
        Assert.Equal(2, engine.Submit(Request("bcd"), completions: 2).Count);
    }

    [Fact]
    public void A_request_that_waits_too_long_fails_and_one_that_runs_does_not()
    {
        var clock = new FakeClock();
        using var engine = Create(new ScriptedModel(), new EngineOptions { MaxSequences = 1, QueueTimeout = TimeSpan.FromSeconds(5) }, clock);
        var running = engine.Submit(Request("bcd", maxTokens: 3));
        var waiting = engine.Submit(Request("bcd"));
        engine.Step();
        clock.Advance(TimeSpan.FromSeconds(6));
        engine.Step();
        Assert.IsType<TimeoutException>(waiting.Failure);
        RunToEnd(engine, running);
    }

    [Fact]
    public void A_cancelled_request_frees_its_slot_in_the_next_step_wherever_it_is()
    {
        var model = new ScriptedModel();
        using var engine = Create(model, new EngineOptions { MaxSequences = 2, MaxBatchTokens = 4 });
        using var cancellation = new CancellationTokenSource();
        var prefilling = engine.Submit(Request(new string('b', 30)), cancellation.Token);
        var generating = engine.Submit(Request("c", maxTokens: 40, seed: 4), cancellation.Token);
        var waiting = engine.Submit(Request("d"), cancellation.Token);
        engine.Step();
        engine.Step();
        Assert.Equal((2, 1), (engine.ActiveCount, engine.QueueLength));
        cancellation.Cancel();
        engine.Step();
        Assert.Equal((0, 0), (engine.ActiveCount, engine.QueueLength));
        Assert.All([prefilling, generating, waiting], g => Assert.IsType<OperationCanceledException>(g.Failure));
        var next = Request("bbb");
        Assert.Equal(Alone(model, next, 64).Text, RunToEnd(engine, engine.Submit(next)));
        AssertNothingLeaked(engine, model);
    }

    [Fact]
    public async Task Leaving_the_loop_or_disposing_ends_a_generation()
    {
        using var engine = Create(new ScriptedModel());
        var left = engine.Submit(Request("c", maxTokens: 40, seed: 4));
        var disposed = engine.Submit(Request("c", maxTokens: 40, seed: 5));
        engine.Step();
        await foreach (var token in left)
        {
            Assert.NotEqual(0, token.Token);
            break;
        }

        await disposed.DisposeAsync();
        engine.Step();
        Assert.Equal(0, engine.ActiveCount);
    }

    [Fact]
    public void A_slow_reader_pauses_only_its_own_request()
    {
        var model = new ScriptedModel();
        using var engine = Create(model, new EngineOptions { ReaderBuffer = 3 });
        var slow = Enumerable.Range(0, 50).Select(s => Request("bb", 30, (ulong)s)).First(r => Alone(model, r, 64).Text.Length == 30);
        var fast = slow with { Prompt = new[] { 2, 3 } };
        var (slowOne, fastOne) = (engine.Submit(slow), engine.Submit(fast));
        Assert.Equal(Alone(model, fast, 64).Text, RunToEnd(engine, fastOne));
        Assert.Equal(3, slowOne.Usage.Generated);
        Assert.False(engine.Step());
        Assert.Equal(1, engine.ActiveCount);
        Assert.Equal(Alone(model, slow, 64).Text, RunToEnd(engine, slowOne));
    }

    [Fact]
    public void A_reader_far_behind_lends_its_slot_to_those_who_wait_and_gets_it_back()
    {
        var clock = new FakeClock();
        var model = new ScriptedModel();
        using var engine = Create(model, new EngineOptions { MaxSequences = 1 }, clock);
        var longRequests = Enumerable.Range(0, 50).Select(s => Request("bb", 30, (ulong)s)).Where(r => Alone(model, r, 64).Text.Length == 30).Take(2).ToList();
        var paced = engine.Submit(longRequests[0] with { Pace = 5 });
        var text = "";
        for (var i = 0; i < 12; i++)
        {
            engine.Step();
            text += Letters(ReadAvailable(paced));
        }

        // Twelve tokens in no time: more than two seconds ahead at five a second.
        var other = engine.Submit(longRequests[1]);
        Assert.Equal(Alone(model, longRequests[1], 64).Text, RunToEnd(engine, other));
        Assert.Equal(12, paced.Usage.Generated);
        Assert.Equal(Alone(model, longRequests[0], 64).Text, text + RunToEnd(engine, paced));
        AssertNothingLeaked(engine, model);
    }

    [Fact]
    public void More_requests_than_rows_take_turns()
    {
        var model = new ScriptedModel();
        using var engine = Create(model, new EngineOptions { MaxSequences = 6, MaxOutputs = 2 });
        var request = Enumerable.Range(0, 50).Select(s => Request("bb", 30, (ulong)s)).First(r => Alone(model, r, 64).Text.Length == 30);
        var generations = engine.Submit(request, completions: 6);
        for (var i = 0; i < 24; i++)
        {
            engine.Step();
        }

        var counts = generations.Where(g => g.FinishReason is null).Select(g => g.Usage.Generated).ToList();
        // The first has a start of two: it was served while the others were still prompts.
        Assert.True(counts.Max() - counts.Min() <= 2, string.Join(' ', counts));
    }

    [Fact]
    public void Everything_out_of_range_is_named_in_one_message()
    {
        using var engine = Create(new ScriptedModel(), new EngineOptions { MaxGeneratedTokens = 50, MaxPromptTokens = 10 });
        var bad = new GenerationRequest
        {
            Prompt = Enumerable.Repeat(99, 11).ToArray(), MaxTokens = 51, TurnStarts = [3, 3], AttentionSinks = -1, Pace = 0, StopSequences = [""],
            Sampling = new SamplingOptions { TopP = 2, LogitBias = ImmutableDictionary<int, float>.Empty.Add(99, 1) },
        };
        var message = Assert.Throws<ArgumentException>(() => engine.Submit(bad)).Message;
        string[] parts = ["Prompt has 11", "Prompt[0] is token 99", "MaxTokens is 51", "TurnStarts[1]", "AttentionSinks", "Pace", "StopSequences", "Sampling.TopP", "Sampling.LogitBias"];
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.Contains("Prompt is empty", Assert.Throws<ArgumentException>(() => engine.Submit(Request(""))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.Submit(Request("b"), completions: 0));
    }

    [Fact]
    public void Bad_engine_options_are_named_in_one_message()
    {
        var message = Assert.Throws<ArgumentException>(() => Create(new ScriptedModel(), new EngineOptions { MaxSequences = 0, MaxQueued = -1, ReaderBuffer = 0 })).Message;
        Assert.All(["MaxSequences is 0", "MaxQueued is -1", "ReaderBuffer is 0"], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_request_that_there_is_a_slot_for_is_never_late_however_long_a_step_took()
    {
        var clock = new FakeClock();
        var model = new ScriptedModel();
        using var engine = Create(model, new EngineOptions { MaxSequences = 2, QueueTimeout = TimeSpan.FromSeconds(5) }, clock);
        engine.Submit(Request("bcd", maxTokens: 3));
        var newcomers = new List<Generation>();
        model.Evaluating = _ =>
        {
            model.Evaluating = null;
            newcomers.Add(engine.Submit(Request("bcd")));
            newcomers.Add(engine.Submit(Request("bcde")));
            clock.Advance(TimeSpan.FromSeconds(6));
        };
        engine.Step();
        engine.Step();
        Assert.IsType<TimeoutException>(newcomers[1].Failure);
        Assert.Equal(Alone(model, Request("bcd"), 64).Text, RunToEnd(engine, newcomers[0]));
    }

    [Fact]
    public void Requests_whose_leader_gives_way_do_not_wait_for_it_while_it_waits_for_them()
    {
        var model = new ScriptedModel();
        using var engine = Create(model, new EngineOptions { MaxSequences = 2, MaxBatchTokens = 4 });
        var (leading, following) = (Request(new string('b', 40) + "c", 8), Request(new string('b', 40) + "d", 8));
        var (first, second) = (engine.Submit(leading), engine.Submit(following));
        engine.Step();
        var leader = engine.Loop.Running[0];
        Assert.Same(leader, engine.Loop.Running[1].WaitsFor);
        engine.Loop.GiveWay(leader);
        engine.Loop.Queue.EnqueueFirst(leader);
        Assert.Equal(Alone(model, following, 64).Text, RunToEnd(engine, second));
        Assert.Equal(Alone(model, leading, 64).Text, RunToEnd(engine, first));
        AssertNothingLeaked(engine, model);
    }

    [Fact]
    public async Task A_request_is_not_charged_for_what_it_shares_with_a_pinned_prefix()
    {
        var model = new ScriptedModel { Capacity = 100 };
        using var engine = Create(model, new EngineOptions { MaxSequences = 2 });
        var pinning = engine.Prefixes.PinAsync(Enumerable.Repeat(1, 40).ToArray());
        engine.Step();
        using var pin = await pinning;
        var long_ = Enumerable.Range(0, 50).Select(s => Request(new string('c', 30), 12, (ulong)s)).First(r => Alone(model, r, 64).Text.Length == 12);
        var first = engine.Submit(long_);
        engine.Step();

        // 31 cells run and 40 are pinned: 49 tokens more do not fit into 100, the nine behind the pinned ones do.
        var sharing = Request(new string('b', 40) + new string('d', 9), 4);
        var second = engine.Submit(sharing);
        engine.Step();
        Assert.Equal(2, engine.ActiveCount);
        Assert.Equal(40, second.Usage.Cached);
        Assert.Equal(Alone(model, sharing, 64).Text, RunToEnd(engine, second));
        RunToEnd(engine, first);
        AssertNothingLeaked(engine, model);
    }
}
