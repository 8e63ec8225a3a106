using Connector.Decoding.Constraints;
using Connector.Decoding.Engine;
using Connector.Decoding.Sampling;

namespace Connector.Decoding.Speculation;

/// <summary>
/// Who guesses, and how many: fills the draft trees of a step. The engine calls it from its one thread, never
/// concurrently, in this order for every step: <see cref="Plan"/> where some sequence may have drafts, then per deciding sequence
/// <see cref="ObserveLogits"/> for every evaluated node and <see cref="Committed"/>, then <see cref="StepCompleted"/>.
/// Whatever it does, the text stays the same; only the speed changes.
/// </summary>
public interface IDraftPlanner : IDisposable
{
    /// <summary>
    /// A request's prompt is about to be evaluated. <see cref="DraftSequence.State"/> is the planner's to set. Called again
    /// with the same object never; a request that is interrupted and resumed keeps its state.
    /// </summary>
    void Begin(DraftSequence sequence);

    /// <summary>
    /// Adds guesses below the roots of the trees of <paramref name="sequences"/>, each within its own
    /// <see cref="DraftSequence.MaxNodes"/>, <see cref="DraftSequence.MaxDepth"/> and <see cref="DraftSequence.MaxLeaves"/>,
    /// and all together at most <paramref name="step"/>.MaxDrafted. Guesses beyond these bounds are not evaluated.
    /// </summary>
    void Plan(ReadOnlySpan<DraftSequence> sequences, in StepBudget step);

    /// <summary>
    /// The deciding model's logits after a node of the sequence's tree, before anything (penalty, mask) has touched
    /// them. Called in node order for the nodes that were evaluated, rejected ones included. A node's token is
    /// <c>sequence.Tree.Tokens[node]</c>; node 0 is the last committed token.
    /// </summary>
    void ObserveLogits(DraftSequence sequence, int node, ReadOnlySpan<float> logits);

    /// <summary>
    /// Verification is done. The tree is still that of this step, the history already holds the new tokens.
    /// </summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="path">The accepted nodes of the tree, below the root, in order; may be empty.</param>
    /// <param name="tokens">What was committed: the path's tokens and the bonus; never empty.</param>
    void Committed(DraftSequence sequence, ReadOnlySpan<int> path, ReadOnlySpan<int> tokens);

    /// <summary>A step is done: what it evaluated and how long the call of the deciding model took.</summary>
    void StepCompleted(in StepBudget step, int rows, TimeSpan evaluation);

    /// <summary>
    /// A request ended (finished, failed or cancelled); its history is complete and the object is not used any more.
    /// </summary>
    void End(DraftSequence sequence);
}

/// <summary>What a step offers to drafts.</summary>
/// <param name="MaxDrafted">The most draft nodes that all trees of the step may have together, roots not counted.</param>
/// <param name="PrefillRows">Rows of the step that are prompt tokens of other requests: they cost time too.</param>
/// <param name="Past">Cached tokens that the step's sequences attend to, summed.</param>
public readonly record struct StepBudget(int MaxDrafted, int PrefillRows, long Past);

/// <summary>
/// One running request as a planner sees it. Owned by the engine, the same object for the whole request.
/// </summary>
public sealed class DraftSequence
{
    internal DraftSequence(GenerationRequest request, TokenHistory history, int maxNodes)
    {
        Request = request;
        History = history;
        Tree = new TokenTree(Math.Max(1, maxNodes));
    }

    /// <summary>The request: its sampling options, seed and constraint.</summary>
    public GenerationRequest Request { get; }

    /// <summary>
    /// Prompt and answer, the root's token included. <see cref="TokenHistory.GeneratedCount"/> is the noise position of the root's children.
    /// </summary>
    public TokenHistory History { get; }

    /// <summary>Where the request stands in its constraint, the root's token included; meaningless without one.</summary>
    public ConstraintState ConstraintState { get; internal set; }

    /// <summary>The draft of this step; the engine has planted the root.</summary>
    public TokenTree Tree { get; }

    /// <summary>The most nodes the tree may have in this step, the root included; 1: no drafts now.</summary>
    public int MaxNodes { get; internal set; } = 1;

    /// <summary>The deepest node that can be of use: the request ends before deeper ones.</summary>
    public int MaxDepth { get; internal set; }

    /// <summary>The most leaves the tree may have; 1: chains only.</summary>
    public int MaxLeaves { get; internal set; } = 1;

    /// <summary>What the built-in planner did for it; null where another planner drafts, or none.</summary>
    internal DraftUsage? Usage { get; set; }

    /// <summary>The planner's own.</summary>
    public object? State { get; set; }
}
