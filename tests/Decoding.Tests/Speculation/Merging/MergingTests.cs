using Connector.Decoding.Sampling;
using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Speculation.Merging;

public sealed class MergingTests
{
    [Fact]
    public void Calibration_moves_from_the_source_s_word_to_what_happened()
    {
        var calibration = new Calibration(2);
        var guess = new DraftCandidate(0, 0.9f, 1);
        Assert.Equal(0.9f, calibration.Rate(guess), 1e-6f);
        for (var i = 0; i < 1000; i++)
        {
            calibration.Score(1, i % 4 == 0);
        }

        Assert.Equal(0.25f, calibration.Rate(guess), 0.02f);
        Assert.Equal(0.9f, calibration.Rate(guess with { Class = 0 }), 1e-6f);
    }

    [Fact]
    public void The_mixer_learns_whom_to_trust()
    {
        var random = new Random(1);
        var mixer = new EstimateMixer(2);
        var (loss, averaged) = (0.0, 0.0);
        for (var i = 0; i < 20000; i++)
        {
            var truth = (float)random.NextDouble();
            var hit = random.NextDouble() < truth;
            var noise = (float)random.NextDouble();
            ReadOnlySpan<float> logOdds = [EstimateMixer.LogOdds(truth), EstimateMixer.LogOdds(noise)];
            var predicted = mixer.Combine(logOdds);
            if (i > 10000)
            {
                loss += Loss(predicted, hit);
                averaged += Loss(EstimateMixer.Probability((logOdds[0] + logOdds[1]) / 2), hit);
            }

            mixer.Learn(logOdds, false, predicted, hit);
        }

        // The entropy of a coin whose bias is uniform is half a nat: nobody can do better than that.
        Assert.InRange(loss / 10000, 0.45, 0.54);
        Assert.True(averaged / 10000 > 0.58);
    }

    [Fact]
    public void A_silent_source_is_a_set_of_its_own()
    {
        var mixer = new EstimateMixer(2);
        var half = EstimateMixer.LogOdds(0.5f);
        for (var i = 0; i < 3000; i++)
        {
            Teach([half, half], true);
            Teach([half, EstimateMixer.Silent], false);
        }

        Assert.True(mixer.Combine([half, half]) > 0.9);
        Assert.True(mixer.Combine([half, EstimateMixer.Silent]) < 0.1);

        void Teach(ReadOnlySpan<float> logOdds, bool hit) => mixer.Learn(logOdds, false, mixer.Combine(logOdds), hit);
    }

    [Fact]
    public void Known_noise_predicts_the_sampler()
    {
        // Tokens 0 … 9 with known probabilities, sampled by keyed noise: the shifted estimates must be calibrated, and sharper than the plain ones.
        var probabilities = Enumerable.Range(1, 10).Select(i => i / 55.0).ToArray();
        var (plain, shifted, expected, hits) = (0.0, 0.0, 0.0, 0.0);
        const int Trials = 20000;
        for (var position = 0; position < Trials; position++)
        {
            var winner = Enumerable.Range(0, 10).MaxBy(t => Math.Log(probabilities[t]) + GumbelNoise.At(7, position, t));
            var key = new GumbelNoise.Key(7, position);
            var p = (float)probabilities[9];
            var q = EstimateMixer.Probability(EstimateMixer.LogOdds(p) + KeyedLuck.Shift(p, key, 9));
            plain += Loss(p, winner == 9);
            shifted += Loss(q, winner == 9);
            expected += q;
            hits += winner == 9 ? 1 : 0;
        }

        Assert.Equal(hits / Trials, expected / Trials, 0.01);
        Assert.Equal(probabilities[9], expected / Trials, 0.01);
        Assert.True(shifted < 0.7 * plain, $"{shifted} against {plain}");
    }

    [Fact]
    public void How_far_noise_is_believed_is_learned()
    {
        var (useful, useless) = (new KeyedLuck(), new KeyedLuck());
        var random = new Random(3);
        for (var position = 0; position < 20000; position++)
        {
            var key = new GumbelNoise.Key(1, position);
            var shift = KeyedLuck.Shift(0.3f, key, 4);
            var truth = EstimateMixer.Probability(EstimateMixer.LogOdds(0.3f) + shift);
            useful.Learn(useful.Apply(0.3f, shift), shift, random.NextDouble() < truth);
            useless.Learn(useless.Apply(0.3f, shift), shift, random.NextDouble() < 0.3);
        }

        Assert.True(useful.Weight > 0.8, $"{useful.Weight}");
        Assert.True(useless.Weight < 0.2, $"{useless.Weight}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_heap_pops_in_order(int seed)
    {
        var random = new Random(seed);
        var heap = new CandidateHeap(200);
        var keys = new List<float>();
        for (var i = 0; i < 1000; i++)
        {
            if (heap.Count < 200 && (keys.Count == 0 || random.Next(3) > 0))
            {
                var key = (float)random.Next(50);
                heap.Push(key, (int)key);
                keys.Add(key);
            }
            else
            {
                Assert.Equal(keys.Max(), heap.Best);
                Assert.Equal((int)keys.Max(), heap.Pop());
                keys.Remove(keys.Max());
            }
        }
    }

    private static double Loss(float predicted, bool hit) => -Math.Log(hit ? predicted : 1 - predicted);
}
