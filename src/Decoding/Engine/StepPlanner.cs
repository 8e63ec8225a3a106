using System.Runtime.InteropServices;
using Connector.Decoding.Speculation;

namespace Connector.Decoding.Engine;

/// <summary>
/// Fills a step's batch: the next token of every running answer, drafts below them, and chunks of prompts within their time budget. Reuses its
/// memory; not thread-safe.
/// </summary>
internal sealed class StepPlanner(EngineLoop loop)
{
    private readonly StepPlan _plan = new();
    private readonly List<EngineRequest> _deciding = [];
    private readonly List<EngineRequest> _prefilling = [];

    /// <summary>Plans a step. An empty plan: there is nothing to do now.</summary>
    public StepPlan Plan(TokenBatch batch)
    {
        batch.Clear();
        _plan.Clear();
        Sort();
        MakeRoomForDeciding();
        LimitDeciding();
        AddDeciding(batch);
        _plan.Answers = _deciding.Count;
        AddPrompts(batch);
        return _plan;
    }

    /// <summary>Sorts the running requests into those whose next token is due and those whose context is not evaluated yet.</summary>
    private void Sort()
    {
        _deciding.Clear();
        _prefilling.Clear();
        for (var i = loop.Running.Count - 1; i >= 0; i--)
        {
            var request = loop.Running[i];
            if (MustWait(request))
            {
                continue;
            }

            if (request.Memory is null)
            {
                loop.Scheduler.Attach(request);
            }

            if (!TryMakeContextRoom(request))
            {
                continue;
            }

            if (request.Pending > 1)
            {
                _prefilling.Add(request);
            }
            else if (HasReader(request))
            {
                _deciding.Add(request);
            }
        }

        // Who has waited longest comes first; no stable sort is needed, as tickets differ.
        _deciding.Sort(static (a, b) => (a.LastServed, a.Ticket).CompareTo((b.LastServed, b.Ticket)));
        _prefilling.Sort(static (a, b) => (a.LastServed, a.Ticket).CompareTo((b.LastServed, b.Ticket)));
    }

    /// <summary>Whether another request is still evaluating the beginning of this one.</summary>
    private bool MustWait(EngineRequest request)
    {
        if (request.WaitsFor is not { } leader)
        {
            return false;
        }

        return loop.Running.Contains(leader) && leader.Evaluated < request.WaitsForLength && leader.Memory is null or { IsShareable: true };
    }

    /// <summary>Where the context is full and stays so, the request ends.</summary>
    private bool TryMakeContextRoom(EngineRequest request)
    {
        try
        {
            if (ContextRoom.Ensure(request, loop.Memory))
            {
                return true;
            }
        }
        catch (InvalidOperationException refusal)
        {
            loop.Fail(request, refusal, memoryIsSound: false);
            return false;
        }

        request.Output.Finish(FinishReason.ContextFull);
        loop.End(request);
        return false;
    }

    private static bool HasReader(EngineRequest request)
    {
        if (request.Output.Room > 0)
        {
            return true;
        }

        // Looked at again after saying so: the reader may have read in between without knowing that it should wake us.
        request.Output.Pause();
        return request.Output.Room > 0;
    }

    /// <summary>Every answer needs a cell; where eviction does not yield enough, the latest requests give way.</summary>
    private void MakeRoomForDeciding()
    {
        while (!loop.Memory.MakeRoom(_deciding.Count))
        {
            GiveWay();
        }
    }

    private void GiveWay()
    {
        if (loop.Scheduler.LatestGivesWay() is { } latest)
        {
            _deciding.Remove(latest);
            _prefilling.Remove(latest);
            return;
        }

        var alone = _deciding.Count > 0 ? _deciding[0] : _prefilling[0];
        _deciding.Remove(alone);
        _prefilling.Remove(alone);
        loop.Fail(alone, new OutOfContextException(
            $"The request needs {alone.Context.Length} tokens of context, but pinned prefixes leave {loop.Memory.FreeAfterEvictions + alone.Evaluated} of {loop.Context.Capacity}."));
    }

    /// <summary>A call has only so many rows; prompts get at least one of them.</summary>
    private void LimitDeciding()
    {
        var most = Math.Max(1, Math.Min(loop.Context.MaxOutputs, loop.Context.MaxBatchTokens - (_prefilling.Count > 0 ? 1 : 0)));
        if (_deciding.Count > most)
        {
            _deciding.RemoveRange(most, _deciding.Count - most);
        }
    }

    private void AddDeciding(TokenBatch batch)
    {
        if (_deciding.Count == 0)
        {
            return;
        }

        var drafts = OfferDrafts();
        foreach (var request in _deciding)
        {
            drafts -= AddTree(batch, request, prefixRows: 0, drafts);
        }
    }

    /// <summary>Lets the planner fill the trees; how many rows it may fill.</summary>
    private int OfferDrafts()
    {
        long past = 0;
        foreach (var request in _deciding)
        {
            request.Draft.Tree.Reset(request.Context[^1]);
            past += request.Evaluated;
        }

        if (!loop.Drafts.IsActive || !loop.CanRewind)
        {
            return 0;
        }

        var rows = loop.Context.MaxBatchTokens - _deciding.Count;
        var most = Math.Min(loop.Context.MaxOutputs - _deciding.Count, _prefilling.Count > 0 ? rows / 2 : rows);
        most = Math.Max(0, Math.Min(most, loop.Memory.FreeAfterEvictions - _deciding.Count));
        var lanes = loop.CanBranch ? 1 + (loop.Options.DraftLanes / _deciding.Count) : 1;
        foreach (var request in _deciding)
        {
            var draft = request.Draft;
            draft.ConstraintState = request.ConstraintState;
            draft.MaxDepth = MaxDepth(request);
            draft.MaxNodes = draft.MaxDepth == 0 ? 1 : Math.Min(draft.Tree.Capacity, 1 + most);
            draft.MaxLeaves = Math.Min(lanes, DraftRows.MaxLanes);
            _plan.Drafting.Add(draft);
        }

        _plan.Budget = new StepBudget(most, 0, past);
        loop.Drafts.Plan(CollectionsMarshal.AsSpan(_plan.Drafting), _plan.Budget);
        var drafted = 0;
        foreach (var draft in _plan.Drafting)
        {
            drafted += draft.Tree.Count - 1;
        }

        // Cached prefixes go only for drafts that there are.
        drafted = Math.Min(drafted, most);
        loop.Memory.MakeRoom(_deciding.Count + drafted);
        return Math.Min(drafted, loop.Memory.Free - _deciding.Count);
    }

    /// <summary>Deeper drafts could not be committed: the answer's limit, the context's end and the reader's buffer come first.</summary>
    private static int MaxDepth(EngineRequest request) => Math.Max(0, Math.Min(
        Math.Min(request.TokensLeft - 1, request.ContextLimit - 1 - request.Evaluated),
        request.Output.Room - 1));

    /// <summary>Adds a request's tree, whose root is the last token of its context, and returns how many draft rows it took.</summary>
    private int AddTree(TokenBatch batch, EngineRequest request, int prefixRows, int drafts)
    {
        var (tree, memory, rows) = (request.Draft.Tree, request.Memory!, request.Rows);
        var depth = tree.Count > 1 ? MaxDepth(request) : 0;
        var leaves = rows.CountLeaves(tree, Math.Min(tree.Count, 1 + drafts), depth);
        loop.Memory.AttachLanes(memory, Math.Min(leaves, request.Draft.MaxLeaves));
        if (memory.Lanes.Count > request.Draft.MaxLeaves)
        {
            loop.Memory.ReleaseLanes(memory, request.Draft.MaxLeaves);
        }

        rows.AddTo(batch, tree, memory.Lanes, memory.Length + prefixRows);
        _plan.Parts.Add(new StepPart(request, prefixRows, Decides: true));
        return rows.Drafted;
    }

    /// <summary>Shares what the time budget allows evenly among the prompts; short ones leave their rest to the others.</summary>
    private void AddPrompts(TokenBatch batch)
    {
        if (_prefilling.Count == 0)
        {
            return;
        }

        var answerRows = batch.Count;
        var pending = 0;
        foreach (var request in _prefilling)
        {
            pending += Math.Min(request.Pending, request.ContextLimit - request.Evaluated);
        }

        var rows = Math.Min(pending, loop.Context.MaxBatchTokens - batch.Count);
        if (_deciding.Count > 0)
        {
            rows = Math.Min(rows, loop.StepTime.RowsWithin(loop.Options.PrefillBudget));
        }

        while (!loop.Memory.MakeRoom(batch.Count + rows) && loop.Memory.Free <= batch.Count && _prefilling.Count > 0)
        {
            if (batch.Count > 0)
            {
                return;
            }

            GiveWay();
        }

        rows = Math.Min(rows, loop.Memory.Free - batch.Count);
        for (var i = 0; i < _prefilling.Count && rows > 0; i++)
        {
            var request = _prefilling[i];
            var share = Math.Max(1, rows / (_prefilling.Count - i));
            rows -= AddPrompt(batch, request, Math.Min(share, request.ContextLimit - request.Evaluated));
        }

        _plan.Budget = _plan.Budget with { PrefillRows = batch.Count - answerRows };
    }

    private int AddPrompt(TokenBatch batch, EngineRequest request, int most)
    {
        // The last token asks for logits: it waits where they are all given away, or its reader is behind.
        var decides = most >= request.Pending && batch.OutputCount < loop.Context.MaxOutputs && HasReader(request);
        var prefix = Math.Min(most, request.Pending - 1);
        loop.Memory.ReleaseLanes(request.Memory!, 1);
        var position = request.Evaluated;
        foreach (var token in request.Context.Slice(position, prefix))
        {
            batch.Add(token, position++, request.Memory!.Id, wantsLogits: false);
        }

        if (!decides)
        {
            _plan.Parts.Add(new StepPart(request, prefix, Decides: false));
            return prefix;
        }

        request.Draft.Tree.Reset(request.Context[^1]);
        AddTree(batch, request, prefix, drafts: 0);
        return prefix + 1;
    }
}
