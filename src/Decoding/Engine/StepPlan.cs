using Connector.Decoding.Speculation;

namespace Connector.Decoding.Engine;

/// <summary>What a step evaluates: the parts in the order of the batch's rows.</summary>
internal sealed class StepPlan
{
    public List<StepPart> Parts { get; } = [];

    /// <summary>The answers whose next token is due.</summary>
    public int Answers { get; set; }

    /// <summary>What the draft planner was offered.</summary>
    public StepBudget Budget { get; set; }

    /// <summary>The sequences that were offered drafts.</summary>
    public List<DraftSequence> Drafting { get; } = [];

    public void Clear()
    {
        Parts.Clear();
        Drafting.Clear();
        Budget = default;
        Answers = 0;
    }
}

/// <summary>One request's part of a step.</summary>
/// <param name="Request">The request.</param>
/// <param name="PrefixRows">Rows of context tokens whose logits nobody needs.</param>
/// <param name="Decides">Whether its draft tree follows: then the part yields at least one token.</param>
internal readonly record struct StepPart(EngineRequest Request, int PrefixRows, bool Decides);
