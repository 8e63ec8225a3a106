using System.Runtime.InteropServices;

namespace Connector.Decoding.Engine;

/// <summary>What follows the model's call: verification of every request's tree, the cache's cut to the accepted path, and the tokens' way to the reader.</summary>
internal sealed class StepCommitter(EngineLoop loop)
{
    private readonly List<int> _tokens = [];
    private readonly List<bool> _forced = [];
    private int[] _path = new int[16];
    private long _served;

    public void VerifyCommitAndEmit(StepPlan plan, TimeSpan elapsed)
    {
        // Every logit is observed before the first sampler writes to any row.
        var rows = 0;
        foreach (var part in plan.Parts)
        {
            rows += part.PrefixRows + (part.Decides ? 1 + part.Request.Rows.Drafted : 0);
            if (part.Decides && loop.Drafts.IsActive)
            {
                Observe(part.Request);
            }
        }

        var now = loop.Time.GetTimestamp();
        foreach (var part in plan.Parts)
        {
            part.Request.LastServed = ++_served;
            try
            {
                CommitPrefix(part);
                if (part.Decides)
                {
                    VerifyCommitAndEmit(part.Request, now);
                }
            }
            catch (Exception cause)
            {
                // One request's constraint or sampler has failed: its lanes may hold anything, the others are sound.
                EngineLog.RequestFailed(loop.Logger, cause);
                loop.Fail(part.Request, cause, memoryIsSound: false);
            }
        }

        loop.Drafts.StepCompleted(plan.Budget, rows, elapsed);
    }

    private void Observe(EngineRequest request)
    {
        var evaluated = request.Rows.Evaluated;
        for (var node = 0; node < evaluated.Length; node++)
        {
            if (evaluated[node])
            {
                loop.Drafts.ObserveLogits(request.Draft, node, loop.Context.Logits(request.Rows.Row(node)));
            }
        }
    }

    private void CommitPrefix(StepPart part)
    {
        var request = part.Request;
        var start = request.Evaluated;
        foreach (var token in request.Context.Slice(start, part.PrefixRows))
        {
            loop.Memory.Append(request.Memory!, token);
        }
    }

    private void VerifyCommitAndEmit(EngineRequest request, long now)
    {
        var position = request.Evaluated;
        if (request.Prefilled is { } prefilled)
        {
            loop.Memory.Append(request.Memory!, request.Context[position]);
            prefilled(request.Memory!);
            request.Output.Finish(FinishReason.MaxTokens);
            loop.End(request);
            return;
        }

        var accepted = Verify(request);
        Commit(request, position, accepted);
        loop.Drafts.Committed(request.Draft, _path.AsSpan(0, accepted), CollectionsMarshal.AsSpan(_tokens));
        Emit(request, accepted, now);
        if (request.Finished is { } reason)
        {
            request.Output.Finish(reason);
            loop.End(request);
        }
    }

    private int Verify(EngineRequest request)
    {
        var tree = request.Draft.Tree;
        if (_path.Length < tree.Count)
        {
            _path = new int[tree.Count * 2];
        }

        _tokens.Clear();
        _forced.Clear();
        return TreeVerifier.Accept(tree, request.Rows.Evaluated, new Decider(this, request), _path);
    }

    /// <summary>The KV sequence is to hold the root and the accepted path, whatever else was evaluated.</summary>
    private void Commit(EngineRequest request, int position, int accepted)
    {
        var memory = request.Memory!;
        var deepest = accepted == 0 ? 0 : _path[accepted - 1];
        if (!request.Rows.Commit(loop.Context, memory.Lanes, position, deepest, accepted))
        {
            loop.Memory.Clear(memory);
            request.RestoreContextIfRolled();
            return;
        }

        foreach (var token in request.Context.Slice(position, 1 + accepted))
        {
            loop.Memory.Append(memory, token);
        }
    }

    private void Emit(EngineRequest request, int accepted, long now)
    {
        var counts = request.Output.Counts;
        if (request.FirstTokenAt == 0)
        {
            request.FirstTokenAt = now;
            counts.TimeToFirstToken = loop.Time.GetElapsedTime(request.Submitted, now);
        }

        counts.GenerationTime = loop.Time.GetElapsedTime(request.FirstTokenAt, now);
        counts.Drafts = request.Draft.Usage;
        counts.Generated += _tokens.Count;
        counts.Drafted += request.Rows.Drafted;
        counts.Steps++;
        var (confirmed, forced) = (0, 0);
        for (var i = 0; i < _tokens.Count; i++)
        {
            var origin = _forced[i] ? TokenOrigin.Forced : i < accepted ? TokenOrigin.Accepted : TokenOrigin.Bonus;
            forced += _forced[i] ? 1 : 0;
            confirmed += origin == TokenOrigin.Accepted ? 1 : 0;
            counts.Bonus += origin == TokenOrigin.Bonus ? 1 : 0;
            if (i < _tokens.Count - 1 || request.Finished != FinishReason.EndOfGeneration)
            {
                request.Output.Write(new GeneratedToken(_tokens[i], origin));
            }
        }

        counts.Accepted += confirmed;
        counts.Forced += forced;
        loop.Metrics.Committed(_tokens.Count, request.Rows.Drafted, confirmed, forced);
    }

    /// <summary>The model with a request's sampler, constraint and stop strings.</summary>
    private readonly struct Decider(StepCommitter committer, EngineRequest request) : IDecider
    {
        public bool Decide(int node, out int token)
        {
            token = request.Choose(committer.Logits(request, node), out var forced);
            committer._tokens.Add(token);
            committer._forced.Add(forced);
            return request.Finished is null;
        }
    }

    private Span<float> Logits(EngineRequest request, int node) => loop.Context.Logits(request.Rows.Row(node));
}
