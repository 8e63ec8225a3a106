using Connector.Decoding.Engine;
using static Connector.Decoding.Tests.Engine.EngineHarness;

namespace Connector.Decoding.Tests.Engine;

public sealed class PrefixTests
{
    private static readonly string System = new('b', 20);

    [Fact]
    public void A_follow_up_turn_pays_only_for_its_new_tokens()
    {
        var model = new ScriptedModel();
        using var engine = Create(model);
        var first = Request(System, 8, seed: 2);
        var generation = engine.Submit(first);
        var answer = RunToEnd(engine, generation);
        Assert.Equal(0, generation.Usage.Cached);

        // The answer's last token was sampled but not evaluated, unless an end-of-generation token came after it.
        var rows = 0;
        model.Evaluating = batch => rows += batch.Count;
        var followUp = engine.Submit(Request(System + answer + "cd", 1, seed: 2));
        RunToEnd(engine, followUp);
        var known = 20 + answer.Length - (generation.FinishReason == FinishReason.MaxTokens ? 1 : 0);
        Assert.Equal(known, followUp.Usage.Cached);
        Assert.Equal(20 + answer.Length + 2 - known, rows);
    }

    [Fact]
    public void Requests_that_come_together_evaluate_their_common_beginning_once()
    {
        var model = new ScriptedModel();
        using var engine = Create(model, new EngineOptions { MaxSequences = 8, MaxBatchTokens = 8 });
        var rows = 0;
        model.Evaluating = batch => rows += batch.Count;
        var generations = "cdefgh".Select(c => engine.Submit(Request(System + c, 1))).ToList();
        generations.ForEach(g => RunToEnd(engine, g));
        Assert.Equal(20 + 6, rows);
        Assert.Equal([0, 20, 20, 20, 20, 20], generations.Select(g => g.Usage.Cached));
        AssertNothingLeaked(engine, model);
    }

    [Fact]
    public void Completions_of_one_prompt_share_its_evaluation_and_differ_by_seed()
    {
        var model = new ScriptedModel();
        using var engine = Create(model);
        var rows = 0;
        model.Evaluating = batch => rows += batch.Count;
        var request = Request(System, 1, seed: 5);
        var generations = engine.Submit(request, completions: 4);
        engine.Step();
        engine.Step();
        Assert.Equal(20 + 3, rows);
        Assert.Same(request, generations[0].Request);
        Assert.Equal(4, generations.Select(g => g.Request.Sampling.Seed).Distinct().Count());
        Assert.All(generations, g => Assert.Equal(Alone(model, g.Request, 64).Text, RunToEnd(engine, g)));
    }

    [Fact]
    public void The_least_recently_used_prefix_goes_first()
    {
        var model = new ScriptedModel { Capacity = 64, TrainedContextLength = 40 };
        using var engine = Create(model, new EngineOptions { MaxSequences = 1, MaxCachedSequences = 3 });
        int Cached(char c) => Run(engine, new string(c, 20)).Cached;
        Cached('b');
        Cached('c');
        Assert.Equal(19, Cached('b'));
        Cached('d');
        Cached('e');
        Assert.Equal(19, Cached('d'));
        Assert.Equal(0, Cached('c'));
    }

    [Fact]
    public async Task A_pinned_prefix_survives_pressure_and_a_rebuilt_context()
    {
        var model = new ScriptedModel { Capacity = 64, TrainedContextLength = 44 };
        using var engine = Create(model, new EngineOptions { MaxSequences = 1, MaxCachedSequences = 1 });
        var pinning = engine.Prefixes.PinAsync(Tokens(System));
        engine.Step();
        var pin = await pinning;
        Assert.Equal(20, pin.Length);
        foreach (var c in "cdef")
        {
            Run(engine, new string(c, 30));
        }

        Assert.Equal(20, Run(engine, System + "c").Cached);
        model.Fault = _ => new ModelEvaluationException("gone");
        var failed = engine.Submit(Request("cccc"));
        engine.Step();
        Assert.NotNull(failed.Failure);
        model.Fault = null;
        Assert.Equal(20, Run(engine, System + "cd").Cached);

        pin.Dispose();
        Run(engine, new string('e', 30));
        Assert.Equal(0, Run(engine, System + "d").Cached);
        AssertNothingLeaked(engine, model);
    }

    [Fact]
    public async Task What_pinned_prefixes_leave_too_little_room_for_says_so()
    {
        var model = new ScriptedModel { Capacity = 50, TrainedContextLength = 44 };
        using var engine = Create(model, new EngineOptions { MaxCachedSequences = 1 });
        var pinning = engine.Prefixes.PinAsync(Tokens(System));
        engine.Step();
        using var pin = await pinning;
        var generation = engine.Submit(Request(new string('c', 40), 1));
        for (var i = 0; i < 10; i++)
        {
            engine.Step();
        }

        Assert.Contains("pinned prefixes leave 30 of 50", Assert.IsType<OutOfContextException>(generation.Failure).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            var second = engine.Prefixes.PinAsync(Tokens("cdc"));
            engine.Step();
            await second;
        });
    }

    [Fact]
    public async Task A_saved_conversation_continues_in_another_engine()
    {
        var model = new ScriptedModel();
        using var engine = Create(model);
        var answer = RunToEnd(engine, engine.Submit(Request(System, 8, seed: 2)));
        var conversation = Tokens(System + answer);
        var file = await SaveAsync(engine, conversation);

        var other = new ScriptedModel();
        using var restored = Create(other);
        var restoring = restored.Prefixes.RestoreAsync(new MemoryStream(file));
        while (!restoring.IsCompleted)
        {
            restored.Step();
        }

        Assert.Equal(conversation, await restoring);
        var next = Request(System + answer + "cd", 10, seed: 4);
        var generation = restored.Submit(next);
        Assert.Equal(Alone(other, next, 64).Text, RunToEnd(restored, generation));
        Assert.Equal(conversation.Length, generation.Usage.Cached);
        AssertNothingLeaked(restored, other);
    }

    [Fact]
    public async Task A_foreign_or_damaged_file_is_refused_with_a_reason()
    {
        var model = new ScriptedModel();
        using var engine = Create(model);
        var file = await SaveAsync(engine, Tokens(System));

        async Task<string> RefusalAsync(byte[] bytes, ScriptedModel? into = null)
        {
            using var target = Create(into ?? new ScriptedModel());
            var error = await Assert.ThrowsAsync<InvalidDataException>(() => target.Prefixes.RestoreAsync(new MemoryStream(bytes)));
            return error.Message;
        }

        Assert.Contains("model scripted, but this engine has other", await RefusalAsync(file, new ScriptedModel { Name = "other" }), StringComparison.Ordinal);
        Assert.Contains("holds 1 to 10", await RefusalAsync(file, new ScriptedModel { TrainedContextLength = 10 }), StringComparison.Ordinal);
        Assert.Contains("version 2", await RefusalAsync([.. file[..4], 2, .. file[5..]]), StringComparison.Ordinal);
        Assert.Contains("CNKV", await RefusalAsync([1, .. file[1..]]), StringComparison.Ordinal);
        Assert.Contains("CNKV", await RefusalAsync(new byte[100]), StringComparison.Ordinal);

        // A byte anywhere: some reason, never a wrong state. Cut anywhere: it ends too early.
        for (var i = 0; i < file.Length; i += 7)
        {
            byte[] damaged = [.. file];
            damaged[i] ^= 0x10;
            Assert.NotEmpty(await RefusalAsync(damaged));
            Assert.Contains("too early", await RefusalAsync(file[..i]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_cache_there_is_nothing_to_restore_into()
    {
        using var engine = Create(new ScriptedModel(), new EngineOptions { MaxCachedSequences = 0 });
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.Prefixes.RestoreAsync(new MemoryStream()));
        await Assert.ThrowsAsync<ArgumentException>(() => engine.Prefixes.PinAsync(ReadOnlyMemory<int>.Empty));
        await Assert.ThrowsAsync<ArgumentException>(() => engine.Prefixes.SaveAsync(new int[100], Stream.Null));
    }

    [Fact]
    public async Task A_pin_that_is_cancelled_in_its_last_step_is_let_go()
    {
        using var cancellation = new CancellationTokenSource();
        var model = new ScriptedModel { Evaluating = _ => cancellation.Cancel() };
        using var engine = Create(model, new EngineOptions { MaxCachedSequences = 1 });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            var pinning = engine.Prefixes.PinAsync(Tokens(System), cancellation.Token);
            engine.Step();
            await pinning;
        });
        engine.Step();
        Assert.Equal(0, engine.Loop.Pins.Count);
        Assert.All(engine.Loop.Memory.Cached, s => Assert.Equal(0, s.Pins));
        AssertNothingLeaked(engine, model);
    }

    [Fact]
    public async Task A_pinned_prefix_whose_reload_fails_is_reloaded_again()
    {
        var failures = 0;
        var model = new ScriptedModel { Fault = _ => failures-- > 0 ? new ModelEvaluationException("gone") : null };
        using var engine = Create(model, new EngineOptions { MaxSequences = 1 });
        using var pin = await PinAsync(engine, System);
        failures = 2;
        var failed = engine.Submit(Request("cccc"));
        engine.Step();
        Assert.NotNull(failed.Failure);
        Assert.Equal(20, Run(engine, System + "cd").Cached);
    }

    [Fact]
    public async Task Reloads_are_never_late()
    {
        var clock = new FakeClock();
        var fails = false;
        var model = new ScriptedModel { Fault = _ => fails ? new ModelEvaluationException("gone") : null };
        using var engine = Create(model, new EngineOptions { MaxSequences = 1, MaxBatchTokens = 8, QueueTimeout = TimeSpan.FromSeconds(5) }, clock);
        using var first = await PinAsync(engine, System);
        using var second = await PinAsync(engine, new string('c', 20));
        fails = true;
        engine.Submit(Request("dddd"));
        engine.Step();
        fails = false;

        // The second reload waits while the first takes its three steps.
        model.Evaluating = _ => clock.Advance(TimeSpan.FromSeconds(6));
        while (engine.Step())
        {
        }

        Assert.Equal([20, 20], [Run(engine, System + "d").Cached, Run(engine, new string('c', 20) + "d").Cached]);
    }

    [Fact]
    public async Task A_prefix_that_cannot_be_reloaded_does_not_keep_the_engine_busy_for_ever()
    {
        var fails = false;
        var model = new ScriptedModel { Fault = _ => fails ? new ModelEvaluationException("gone") : null };
        using var engine = Create(model);
        using var pin = await PinAsync(engine, System);
        fails = true;
        engine.Submit(Request("dddd"));
        var steps = 0;
        while (engine.Step())
        {
            Assert.InRange(++steps, 1, 4);
        }

        fails = false;
        Assert.Equal(0, Run(engine, System + "d").Cached);
        AssertNothingLeaked(engine, model);
    }

    private static int[] Tokens(string text) => [.. text.Select(c => c - 'a')];

    private static async Task<PinnedPrefix> PinAsync(DecodingEngine engine, string prefix)
    {
        var pinning = engine.Prefixes.PinAsync(Tokens(prefix));
        while (engine.Step())
        {
        }

        return await pinning;
    }

    private static GenerationUsage Run(DecodingEngine engine, string prompt)
    {
        var generation = engine.Submit(Request(prompt, 1));
        RunToEnd(engine, generation);
        return generation.Usage;
    }

    private static async Task<byte[]> SaveAsync(DecodingEngine engine, int[] conversation)
    {
        var file = new MemoryStream();
        var saving = engine.Prefixes.SaveAsync(conversation, file);
        while (!saving.IsCompleted)
        {
            engine.Step();
        }

        await saving;
        return file.ToArray();
    }
}
