using Connector.Decoding;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Context;

/// <summary>
/// In exact mode the logits after a text are the same bits, however the text came into the cache: token by token, in
/// pieces, in trees with rejected branches, beside other sequences, into a cache full of holes.
/// </summary>
public class ExactModeTests(DemoModel demo) : IClassFixture<DemoModel>
{
    [Theory]
    [InlineData(1, 64, null)]
    [InlineData(2, 300, null)]
    [InlineData(3, 700, null)]
    [InlineData(4, 300, CacheType.Q8)]
    public void Trees_pieces_and_neighbours_change_no_bit(int seed, int length, CacheType? type) => ExactModeCheck.Run(demo.Model, seed, length, 48, type);

    [Fact]
    public void The_cache_is_rewritten_where_holes_fill_it_and_no_bit_changes() => ExactModeCheck.Run(demo.Model, 5, 40, 120, null, capacity: 512);

    [Theory]
    [InlineData(GgufQuantization.Q40)]
    [InlineData(GgufQuantization.Q41)]
    public async Task Weights_of_other_formats(GgufQuantization type) => await QuantisedAsync(TestModels.Demo, type, 300, 24);

    /// <summary>Other formats are exact with some processors' kernels and not with others': there they are refused, and only there.</summary>
    [Theory]
    [InlineData(GgufQuantization.F16, true)]
    [InlineData(GgufQuantization.Q4KM, true)]
    [InlineData(GgufQuantization.Q4KM, false)]
    public async Task Weights_that_are_not_exact_here_are_refused(GgufQuantization type, bool repack)
    {
        await QuantisedAsync(TestModels.Demo, type, repack, model =>
        {
            try
            {
                model.CreateContext(new LlamaContextOptions { ExactMode = true, Threads = 2 }).Dispose();
            }
            catch (ArgumentException refusal)
            {
                Assert.Contains("ExactMode is not possible: on this processor", refusal.Message, StringComparison.Ordinal);
                Assert.False(ExactModeCheck.TreatsTokensAlone(model), "it was refused without need");
                return;
            }

            ExactModeCheck.Run(model, 8, 300, 24, null);
        });
    }

    [ModelFact(TestModels.SmolLm2)]
    public async Task A_real_model_beyond_512_cells()
    {
        using var model = await LlamaModel.LoadAsync(TestModels.Get(TestModels.SmolLm2));
        ExactModeCheck.Run(model, 6, 530, 10, null);
    }

    /// <summary>Takes minutes; runs where CONNECTOR_LONG_TESTS is set.</summary>
    [LongModelTheory(TestModels.SmolLm2)]
    [InlineData(GgufQuantization.Q80, 3000)]
    [InlineData(GgufQuantization.Q40, 3000)]
    [InlineData(GgufQuantization.Q41, 3000)]
    public async Task A_real_model_in_several_formats_at_long_context(GgufQuantization type, int length) =>
        await QuantisedAsync(TestModels.Get(TestModels.SmolLm2), type, length, 16);

    private static Task QuantisedAsync(string source, GgufQuantization type, int length, int tail) =>
        QuantisedAsync(source, type, repack: true, model => ExactModeCheck.Run(model, 8, length, tail, null));

    private static async Task QuantisedAsync(string source, GgufQuantization type, bool repack, Action<LlamaModel> check)
    {
        var folder = Directory.CreateTempSubdirectory("connector-");
        try
        {
            var path = Path.Combine(folder.FullName, "model.gguf");
            await GgufFile.QuantizeAsync(source, path, type);
            using var model = await LlamaModel.LoadAsync(path, new LlamaModelOptions { RepackWeights = repack });
            check(model);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Options_that_exclude_exactness_are_refused()
    {
        Refused(new LlamaContextOptions { ExactMode = true, FlashAttention = false });
        Refused(new LlamaContextOptions { ExactMode = true, KeyType = CacheType.F16 });
        Refused(new LlamaContextOptions { ExactMode = true, MaxSequences = 100 });

        void Refused(LlamaContextOptions options) =>
            Assert.Contains("ExactMode", Assert.Throws<ArgumentException>(() => demo.Model.CreateContext(options)).Message, StringComparison.Ordinal);
    }
}

internal static class ExactModeCheck
{
    /// <summary>Evaluates a random text plainly and in the most twisted way that the contract allows, and compares all logits.</summary>
    public static void Run(LlamaModel model, int seed, int prefix, int tail, CacheType? type, int? capacity = null)
    {
        var random = new Random(seed);
        var text = Enumerable.Range(0, prefix + tail + 8).Select(_ => random.Next(300, 4000)).ToArray();
        var expected = Plain(model, text, prefix, prefix + tail, type);
        using var context = model.CreateContext(Options(type, 6, capacity ?? model.TrainedContextLength));
        Assert.True(context.Memory.HasFlag(MemoryCapabilities.Tree));
        var batch = new TokenBatch(context.MaxBatchTokens);
        Fill(context, batch, sequence: 4, text.AsSpan(3, 20), random);
        Fill(context, batch, sequence: 0, text.AsSpan(0, prefix), random);
        for (var lane = 1; lane < 4; lane++)
        {
            context.CopySequence(0, lane);
        }

        var neighbour = 0;
        for (var position = prefix; position < prefix + tail;)
        {
            var accepted = Step(context, batch, text, position, ref neighbour, random, expected, prefix);
            position += accepted;
        }
    }

    /// <summary>Whether the kernels of exact mode give the same logits one by one and several at once.</summary>
    public static bool TreatsTokensAlone(LlamaModel model)
    {
        int[] text = [.. Enumerable.Range(400, 64)];
        using var context = model.CreateContext(new LlamaContextOptions { FlashAttention = true, KeyType = CacheType.BF16, ValueType = CacheType.BF16, Threads = 2, MaxOutputs = 64 });
        var batch = new TokenBatch(64);
        var alone = Logits(1);
        return ((int[])[2, 3, 4, 5, 8, 16, 48, 64]).All(size => Logits(size).Zip(alone).All(rows => rows.First.AsSpan().SequenceEqual(rows.Second)));

        List<float[]> Logits(int atOnce)
        {
            var logits = new List<float[]>();
            for (var start = 0; start < text.Length; start += atOnce)
            {
                batch.Clear();
                for (var i = start; i < Math.Min(start + atOnce, text.Length); i++)
                {
                    batch.Add(text[i], i, 0, wantsLogits: true);
                }

                context.Evaluate(batch);
                logits.AddRange(Enumerable.Range(0, batch.Count).Select(row => context.Logits(row).ToArray()));
            }

            context.Truncate(0, 0);
            return logits;
        }
    }

    private static List<float[]> Plain(LlamaModel model, int[] text, int prefix, int end, CacheType? type)
    {
        using var context = model.CreateContext(Options(type, 1, model.TrainedContextLength));
        var batch = new TokenBatch(context.MaxBatchTokens);
        var logits = new List<float[]>();
        for (var start = 0; start < prefix; start += context.MaxBatchTokens)
        {
            batch.Clear();
            for (var i = start; i < Math.Min(prefix, start + context.MaxBatchTokens); i++)
            {
                batch.Add(text[i], i, 0, wantsLogits: false);
            }

            context.Evaluate(batch);
        }

        for (var position = prefix; position < end; position++)
        {
            batch.Clear();
            batch.Add(text[position], position, 0, wantsLogits: true);
            context.Evaluate(batch);
            logits.Add(context.Logits(0).ToArray());
        }

        return logits;
    }

    // One step of a speculating engine: a tree of three lanes, of which one begins with the real text, and another
    // request's token; then the commit of decoding.md.
    private static int Step(
        LlamaContext context, TokenBatch batch, int[] text, int position, ref int neighbour, Random random, List<float[]> expected, int prefix)
    {
        var end = prefix + expected.Count;
        var winner = random.Next(4);
        var right = Math.Min(random.Next(1, 6), end - position);
        int[] lanes = [winner, .. Enumerable.Range(0, 4).Where(lane => lane != winner)];
        batch.Clear();
        var rows = new List<int> { batch.Add(text[position], position, lanes, wantsLogits: true) };
        for (var depth = 1; depth < 6; depth++)
        {
            var nodes = Enumerable.Range(0, 4).OrderBy(_ => random.Next()).ToArray();
            foreach (var lane in nodes)
            {
                var isReal = lane == winner && depth < right;
                if (isReal || random.Next(3) > 0)
                {
                    var token = isReal ? text[position + depth] : random.Next(300, 4000);
                    AddNode(lane, depth, token, isReal);
                }
            }

            void AddNode(int lane, int depth, int token, bool isReal)
            {
                // A lane's nodes must follow each other without a gap.
                if (depth > 1 && !HasNode(batch, lane, position + depth - 1))
                {
                    return;
                }

                var row = batch.Add(token, position + depth, lane, wantsLogits: isReal);
                if (isReal)
                {
                    rows.Add(row);
                }
            }
        }

        batch.Add(random.Next(300, 4000), 20 + neighbour++, 4, wantsLogits: false);
        context.Evaluate(batch);
        for (var i = 0; i < rows.Count; i++)
        {
            Assert.True(context.Logits(rows[i]).SequenceEqual(expected[position - prefix + i]), $"logits differ at position {position + i}");
        }

        for (var lane = 0; lane < 4; lane++)
        {
            if (lane != winner)
            {
                Assert.True(context.Truncate(lane, position));
            }
        }

        Assert.True(context.Truncate(winner, position + rows.Count));
        for (var lane = 0; lane < 4; lane++)
        {
            if (lane != winner)
            {
                context.CopySequence(winner, lane, position, position + rows.Count);
            }
        }

        if (neighbour > 30)
        {
            context.Truncate(4, 20);
            neighbour = 0;
        }

        return rows.Count;
    }

    private static bool HasNode(TokenBatch batch, int lane, int position) =>
        Enumerable.Range(1, batch.Count - 1).Any(row => batch.Positions[row] == position && batch.Sequences(row)[0] == lane);

    private static void Fill(LlamaContext context, TokenBatch batch, int sequence, ReadOnlySpan<int> tokens, Random random)
    {
        for (var start = 0; start < tokens.Length;)
        {
            batch.Clear();
            var end = Math.Min(tokens.Length, start + random.Next(1, 200));
            for (var i = start; i < end; i++)
            {
                batch.Add(tokens[i], i, sequence, wantsLogits: false);
            }

            context.Evaluate(batch);
            start = end;
        }
    }

    private static LlamaContextOptions Options(CacheType? type, int sequences, int capacity) => new()
    {
        ExactMode = true,
        Capacity = capacity,
        MaxSequences = sequences,
        Threads = 1,
        MaxBatchTokens = 256,
        KeyType = type,
        ValueType = type,
    };
}
