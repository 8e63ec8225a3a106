using System.Runtime.InteropServices;
using Connector.Decoding.Constraints;
using Connector.Decoding.Sampling;
using Connector.Decoding.Speculation;
using Connector.Decoding.Text;

namespace Connector.Decoding.Engine;

/// <summary>
/// A request in the engine: what its context must hold, how much of that the KV cache has, and where its constraint and stop strings stand.
/// Only the engine's thread touches it, but for its <see cref="Output"/>.
/// </summary>
internal sealed class EngineRequest(GenerationRequest request, Generation output, TokenHistory history, EngineLimits limits, long submitted)
{
    private readonly StopMatcher _stops = new(request.StopSequences);
    private readonly List<int> _context = [.. request.Prompt.Span];
    private ConstraintState _constraint = request.Constraint?.Start ?? default;
    private StopState _stop;

    public GenerationRequest Request { get; } = request;

    public Generation Output { get; } = output;

    public long Submitted { get; } = submitted;

    /// <summary>Tokens that its context may have at most.</summary>
    public int ContextLimit { get; } = limits.ContextTokens;

    public TokenHistory History { get; } = history;

    public TokenSampler Sampler => field ??= new TokenSampler(Request.Sampling, limits.Vocabulary.Count);

    /// <summary>All that its KV sequence is to hold, and last the token that is to be evaluated next.</summary>
    public ReadOnlySpan<int> Context => CollectionsMarshal.AsSpan(_context);

    /// <summary>Where droppable turns begin in <see cref="Context"/>.</summary>
    public List<int> TurnStarts { get; } = [.. request.TurnStarts];

    /// <summary>Its part of the KV cache; null while it waits.</summary>
    public KvSequence? Memory { get; set; }

    /// <summary>Whether it needs cells that nobody shares, because its window rolls.</summary>
    public bool IsPrivate { get; set; }

    /// <summary>A running request whose prompt, once evaluated, gives this one its beginning.</summary>
    public EngineRequest? WaitsFor { get; set; }

    /// <summary>How much of <see cref="WaitsFor"/>'s context it waits for.</summary>
    public int WaitsForLength { get; set; }

    /// <summary>What the planner sees, with the tree of this step.</summary>
    public required DraftSequence Draft { get; init; }

    /// <summary>How that tree lies in the batch.</summary>
    public DraftRows Rows { get; } = new();

    /// <summary>Set for a request that ends once its prompt is evaluated, for the sake of the prefix cache: told the sequence.</summary>
    public Action<KvSequence>? Prefilled { get; init; }

    /// <summary>Whether it brings a pinned prefix back: nobody waits for it, so it is never late.</summary>
    public bool IsReload { get; init; }

    /// <summary>Order of admission: the latest gives way first.</summary>
    public long Ticket { get; set; }

    /// <summary>Its number in the order of service: smaller is longer ago.</summary>
    public long LastServed { get; set; }

    public long FirstTokenAt { get; set; }

    /// <summary>Whether it has had a slot before: then it is not new to the planner, and its cached tokens are counted.</summary>
    public bool HasStarted { get; set; }

    /// <summary>The evaluated part of the context.</summary>
    public int Evaluated => Memory?.Length ?? 0;

    public int Pending => _context.Count - Evaluated;

    public int TokensLeft => Math.Min(Request.MaxTokens ?? int.MaxValue, limits.MaxGeneratedTokens) - History.GeneratedCount;

    /// <summary>Why the answer has ended, once it has.</summary>
    public FinishReason? Finished { get; private set; }

    public ConstraintState ConstraintState => _constraint;

    /// <summary>
    /// Samples the token that follows a row and moves history, context, constraint and stop strings past it. Forced: the constraint left no choice.
    /// </summary>
    public int Choose(Span<float> logits, out bool forced)
    {
        var mask = Request.Constraint?.Mask(_constraint);
        var bias = Request.Constraint?.Bias(_constraint) ?? default;
        forced = mask is { Count: 1 };
        var token = Sampler.Sample(logits, History, History.GeneratedCount, mask, bias);
        if (Request.Constraint is { } constraint && !constraint.TryAdvance(ref _constraint, token))
        {
            throw new InvalidOperationException($"The constraint's mask allows token {token}, but its state does not.");
        }

        History.Append(token);
        _context.Add(token);
        Finished = limits.Vocabulary.IsEndOfGeneration(token) ? FinishReason.EndOfGeneration
            : _stops.Find(ref _stop, limits.Vocabulary.Piece(token)) is not null ? FinishReason.StopSequence
            : TokensLeft <= 0 ? FinishReason.MaxTokens
            : null;
        return token;
    }

    /// <summary>Takes tokens out of the context, from the KV cache's point of view as if they had never been.</summary>
    public void DropFromContext(int start, int count) => _context.RemoveRange(start, count);

    /// <summary>
    /// What a rolled window holds cannot be evaluated from its tokens alone, so the whole history is the context again and rolls at the same points.
    /// </summary>
    public void RestoreContextIfRolled()
    {
        if (_context.Count != History.Count && Request.Overflow == ContextOverflow.StreamingWindow)
        {
            _context.Clear();
            _context.AddRange(History.Tokens);
        }
    }
}

/// <summary>What all requests of an engine have in common.</summary>
internal sealed record EngineLimits(Vocabulary Vocabulary, int ContextTokens, int MaxGeneratedTokens);
