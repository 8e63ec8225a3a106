using Connector.Decoding;
using Connector.TestSupport;

namespace Connector.LlamaCpp.Tests.Context;

public class SequenceStateTests(DemoModel demo) : IClassFixture<DemoModel>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_saved_sequence_goes_on_in_another_context(bool exact)
    {
        using var first = Context(demo.Model, exact);
        using var second = Context(demo.Model, exact);
        Evaluate(first, 0, 0, 40);
        using var saved = Save(first, 0);
        Evaluate(second, 1, 0, 12);

        second.LoadSequence(1, saved);

        Assert.Equal(Evaluate(first, 0, 40, 1), Evaluate(second, 1, 40, 1));
        Assert.Equal(saved.Length, saved.Position);
    }

    [Fact]
    public void In_exact_mode_a_saved_sequence_takes_the_place_of_dead_cells()
    {
        using var first = Context(demo.Model, exact: true);
        using var second = Context(demo.Model, exact: true);
        Evaluate(first, 0, 0, 100);
        using var saved = Save(first, 0);
        var expected = Evaluate(first, 0, 100, 1);

        // 200 cells die before 250 that live: of 512, 62 are left until the cache is rewritten.
        Evaluate(second, 0, 0, 200);
        Evaluate(second, 1, 0, 250);
        Assert.True(second.Truncate(0, 0));

        second.LoadSequence(0, saved);

        Assert.Equal(expected, Evaluate(second, 0, 100, 1));
    }

    [Fact]
    public void Damage_and_strangers_are_refused_and_the_context_goes_on()
    {
        using var context = Context(demo.Model);
        Evaluate(context, 0, 0, 10);
        using var saved = Save(context, 0);
        var bytes = saved.ToArray();
        var random = new Random(1);

        for (var i = 0; i < 50; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            Assert.Throws<InvalidDataException>(() => Load(damaged));
            Assert.Throws<InvalidDataException>(() => Load(bytes[..random.Next(bytes.Length)]));
        }

        Load(bytes);
        Evaluate(context, 1, 10, 1);

        void Load(byte[] data)
        {
            using var stream = new MemoryStream(data);
            context.LoadSequence(1, stream);
        }
    }

    [Fact]
    public async Task Another_models_sequence_is_refused()
    {
        using var draft = await LlamaModel.LoadAsync(TestModels.DemoDraft);
        using var context = Context(demo.Model);
        using var other = Context(draft);
        using var otherTypes = demo.Model.CreateContext(new LlamaContextOptions { Threads = 1, KeyType = CacheType.F32 });
        Evaluate(context, 0, 0, 10);

        Assert.Throws<InvalidDataException>(() => other.LoadSequence(0, Save(context, 0)));
        Assert.Throws<InvalidDataException>(() => otherTypes.LoadSequence(0, Save(context, 0)));
    }

    private static LlamaContext Context(LlamaModel model, bool exact = false) =>
        model.CreateContext(new LlamaContextOptions { Capacity = 512, MaxSequences = 2, Threads = 1, ExactMode = exact });

    private static MemoryStream Save(LlamaContext context, int sequence)
    {
        var stream = new MemoryStream();
        context.SaveSequence(sequence, stream);
        stream.Position = 0;
        return stream;
    }

    private static float[] Evaluate(LlamaContext context, int sequence, int start, int count)
    {
        var batch = new TokenBatch(count);
        for (var i = 0; i < count; i++)
        {
            batch.Add(300 + ((start + i) * 7 % 900), start + i, sequence, i == count - 1);
        }

        context.Evaluate(batch);
        return context.Logits(count - 1).ToArray();
    }
}
