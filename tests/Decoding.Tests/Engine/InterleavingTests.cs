using Connector.Decoding.Engine;
using static Connector.Decoding.Tests.Engine.EngineHarness;

namespace Connector.Decoding.Tests.Engine;

/// <summary>Whatever else runs, comes, goes, shares, drafts or runs short: every request's text is that of running it alone.</summary>
public sealed class InterleavingTests
{
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("CONNECTOR_TEST_ROUNDS") ?? "120", System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(MemoryCapabilities.All)]
    [InlineData(MemoryCapabilities.Rewind | MemoryCapabilities.Shift | MemoryCapabilities.PartialCopy)]
    [InlineData(MemoryCapabilities.Rewind)]
    [InlineData(MemoryCapabilities.None)]
    public void Random_interleavings_change_no_text(MemoryCapabilities memory)
    {
        var (accepted, branches) = (0, 0);
        for (var seed = 0; seed < Rounds; seed++)
        {
            using var life = new Interleaving(seed, memory);
            var drafts = life.Run();
            accepted += drafts?.Accepted ?? 0;
            branches += drafts?.Branches ?? 0;
        }

        // Otherwise the rounds would not have shown what they claim.
        Assert.Equal(memory.HasFlag(MemoryCapabilities.Rewind), accepted > Rounds);
        Assert.True(branches > 0 || !memory.HasFlag(MemoryCapabilities.Tree));
    }

    /// <summary>One random life of an engine.</summary>
    private sealed class Interleaving : IDisposable
    {
        private readonly Random _random;
        private readonly int _seed;
        private readonly ScriptedModel _model;
        private readonly EngineOptions _options;
        private readonly List<Flight> _flights = [];
        private readonly Dictionary<GenerationRequest, (string Text, FinishReason Reason)> _alone = [];
        private readonly string _system;
        private RandomDrafts? _drafts;
        private int _contextTokens;

        public Interleaving(int seed, MemoryCapabilities memory)
        {
            _random = new Random(seed);
            _seed = seed;
            _model = new ScriptedModel { Memory = memory, TrainedContextLength = _random.Next(20, 50), Capacity = _random.Next(40, 200) };
            _options = new EngineOptions
            {
                MaxSequences = _random.Next(1, 7),
                MaxCachedSequences = _random.Next(0, 6),
                MaxBatchTokens = _random.Next(1, 24),
                MaxOutputs = _random.Next(1, 16),
                MaxQueued = 100,
                ReaderBuffer = _random.Next(1, 12),
                DraftLanes = _random.Next(0, 9),
                PrefillBudget = TimeSpan.FromMilliseconds(_random.Next(0, 2)),
                Drafting = _random.Next(4) == 0 ? null : _ => _drafts = new RandomDrafts(_random, AnswerTokens, breaksBounds: _random.Next(4) == 0),
            };
            _system = Prompt(_random.Next(1, 30));
        }

        public RandomDrafts? Run()
        {
            var log = new ErrorLog();
            using var engine = Create(_model, _options, logger: log);
            _contextTokens = engine.ContextTokens;
            for (var i = _random.Next(20, 120); i > 0; i--)
            {
                Act(engine);
            }

            for (var i = 0; i < 20_000 && _flights.Exists(f => !f.Generation.IsReadToEnd); i++)
            {
                engine.Step();
                _flights.ForEach(f => f.Read(int.MaxValue));
            }

            _flights.ForEach(Check);
            Assert.Empty(log.Errors);
            AssertNothingLeaked(engine, _model);
            Assert.Equal(0, _drafts?.LiveSequences ?? 0);
            return _drafts;
        }

        public void Dispose()
        {
            _drafts?.Dispose();
            _model.Dispose();
        }

        private void Act(DecodingEngine engine)
        {
            switch (_random.Next(10))
            {
                case 0 or 1:
                    Submit(engine);
                    break;
                case 2 when _flights.Count > 0 && _random.Next(4) == 0:
                    _flights[_random.Next(_flights.Count)].Cancel();
                    break;
                case < 6:
                    if (_flights.Count > 0)
                    {
                        _flights[_random.Next(_flights.Count)].Read(_random.Next(1, 6));
                    }

                    break;
                default:
                    engine.Step();
                    break;
            }
        }

        private void Submit(DecodingEngine engine)
        {
            var prompt = _random.Next(4) switch
            {
                0 => Prompt(_random.Next(1, 20)),
                1 => _system,
                2 when _flights.Count > 0 => FollowUp(_flights[_random.Next(_flights.Count)]),
                _ => _system + Prompt(_random.Next(1, 10)),
            };
            var request = Request(prompt[..Math.Min(prompt.Length, _contextTokens)], _random.Next(1, 30), (ulong)_random.Next(), _random.Next(3) * 0.5f) with
            {
                StopSequences = _random.Next(3) == 0 ? [Prompt(_random.Next(1, 3))] : [],
            };
            var cancellation = new CancellationTokenSource();
            foreach (var generation in engine.Submit(request, _random.Next(5) == 0 ? _random.Next(2, 5) : 1, cancellation.Token))
            {
                _flights.Add(new Flight(generation, cancellation));
            }
        }

        /// <summary>The next turn of a conversation: what was said so far and something new.</summary>
        private string FollowUp(Flight flight) => Letters(flight.Request.Prompt.ToArray()) + Letters(flight.Tokens) + Prompt(_random.Next(1, 6));

        private string Prompt(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('b' + _random.Next(4))));

        private int[] AnswerTokens(GenerationRequest request) => [.. AloneOnce(request).Text.Select(c => c - 'a'), 0];

        private (string Text, FinishReason Reason) AloneOnce(GenerationRequest request)
        {
            if (!_alone.TryGetValue(request, out var alone))
            {
                _alone.Add(request, alone = Alone(_model, request, _contextTokens));
            }

            return alone;
        }

        private void Check(Flight flight)
        {
            var (text, reason) = AloneOnce(flight.Request);
            Assert.True(flight.Generation.IsReadToEnd, $"seed {_seed}: a request does not end");
            if (flight.Generation.Failure is null)
            {
                Assert.True(text == Letters(flight.Tokens), $"seed {_seed}: {Letters(flight.Tokens)} instead of {text} after {Letters(flight.Request.Prompt.ToArray())}");
                Assert.Equal(reason, flight.Generation.FinishReason);
                var usage = flight.Generation.Usage;
                Assert.Equal(usage.Generated, usage.Accepted + usage.Forced + usage.Bonus);
                Assert.InRange(usage.Cached, 0, usage.Prompt - 1);
                Assert.InRange(usage.Accepted, 0, usage.Drafted);
            }
            else
            {
                Assert.True(flight.IsCancelled, $"seed {_seed}: {flight.Generation.Failure}");
                Assert.StartsWith(Letters(flight.Tokens), text, StringComparison.Ordinal);
            }
        }
    }

    private sealed class Flight(Generation generation, CancellationTokenSource cancellation)
    {
        public Generation Generation => generation;

        public GenerationRequest Request => generation.Request;

        public List<int> Tokens { get; } = [];

        public bool IsCancelled => cancellation.IsCancellationRequested;

        public void Read(int most) => Tokens.AddRange(ReadAvailable(generation, most));

        public void Cancel() => cancellation.Cancel();
    }
}
