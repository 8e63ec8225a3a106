using Connector.Decoding;
using Connector.Decoding.Constraints;
using Connector.Decoding.Text;

namespace Connector.Reasoning;

/// <summary>
/// Ends a model's thoughts when they have taken their share. From half of the budget on the closing tag is made more
/// likely, the more the nearer the budget's end (Budget Guidance, Li et al. 2025: a model that is steered towards its end
/// comes to one by itself; here by a straight line instead of a predictor). From the first end of a sentence after
/// the budget, or a quarter beyond it at the latest, the only tokens allowed are those of a closing sentence and the
/// tag (ThoughtTerminator, Pu et al. 2025: a model that is told that its time is up answers from what it has).
/// Everything else is left to the constraint within. Immutable and thread-safe.
/// </summary>
internal sealed class ReasoningBudget : ITokenConstraint
{
    /// <summary>What the thoughts end with.</summary>
    public const string ClosingSentence = "\n\nMy time for thinking is up, so I answer now.\n";

    /// <summary>
    /// What the closing tag's logit has gained when the budget is used up: its odds are 55 times what they were. Where a
    /// model sees no end at all that is little, where it hesitates it decides.
    /// </summary>
    public const float LargestBias = 4;

    /// <summary>Tokens within which thoughts begin, if the model has any.</summary>
    private const int OpeningTokens = 16;

    private readonly Vocabulary _vocabulary;
    private readonly ITokenConstraint? _inner;
    private readonly StopMatcher _open;
    private readonly StopMatcher _close;
    private readonly int _budget;
    private readonly int _closeToken;
    private readonly int[] _closing;
    private readonly TokenMask[] _closingMasks;
    private readonly TokenMask _all;

    /// <summary>Makes the constraint.</summary>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="tags">What stands around the thoughts.</param>
    /// <param name="startsInside">Whether the prompt ends inside the thoughts.</param>
    /// <param name="budget">Tokens of thoughts, at least 1.</param>
    /// <param name="closeToken">The first token of the closing tag.</param>
    /// <param name="closing">The closing sentence and tag as tokens.</param>
    /// <param name="inner">What else the answer must fulfil; null: nothing.</param>
    public ReasoningBudget(
        Vocabulary vocabulary, ReasoningTags tags, bool startsInside, int budget, int closeToken, int[] closing, ITokenConstraint? inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(budget, 1);
        (_vocabulary, _inner, _budget, _closeToken, _closing) = (vocabulary, inner, budget, closeToken, closing);
        (_open, _close) = (new StopMatcher(tags.Open.TrimEnd()), new StopMatcher(tags.Close));
        _closingMasks = [.. closing.Select(token => TokenMask.FromTokens(token))];
        var bits = new uint[(vocabulary.Count + 31) / 32];
        for (var token = 0; token < vocabulary.Count; token++)
        {
            bits[token >> 5] |= 1u << (token & 31);
        }

        _all = TokenMask.FromBits(bits);
        Start = (inner?.Start ?? default) with { Phase = new Progress(startsInside ? Stage.Thinking : Stage.Before, 0, 0).Packed };
    }

    private enum Stage
    {
        Before,
        Thinking,
        Closing,
        Answering,
    }

    public ConstraintState Start { get; }

    public bool TryAdvance(ref ConstraintState state, int token)
    {
        var progress = Progress.Of(state.Phase);
        if (progress.Stage == Stage.Closing && token != _closing[progress.Count])
        {
            return false;
        }

        var moved = state;
        if (_inner is not null && !_inner.TryAdvance(ref moved, token))
        {
            return false;
        }

        state = _vocabulary.IsEndOfGeneration(token) ? moved : moved with { Phase = Next(progress, token).Packed };
        return true;
    }

    public TokenMask Mask(in ConstraintState state)
    {
        var progress = Progress.Of(state.Phase);
        return progress.Stage == Stage.Closing ? _closingMasks[progress.Count] : _inner?.Mask(state) ?? _all;
    }

    public int ForcedTokens(in ConstraintState state, Span<int> tokens) =>
        ForcedClosing(state, tokens) ?? _inner?.ForcedTokens(state, tokens) ?? 0;

    public ForcedGuess GuessTokens(in ConstraintState state, OptionalSpaces? spaces, Span<int> tokens) =>
        ForcedClosing(state, tokens) is { } closing ? new ForcedGuess(closing, closing, IsJoined: true) : _inner?.GuessTokens(state, spaces, tokens) ?? default;

    /// <summary>Grows from 0 at half of the budget; none within what may be the closing tag already, and the inner one's elsewhere.</summary>
    public TokenBias Bias(in ConstraintState state)
    {
        var progress = Progress.Of(state.Phase);
        var half = _budget / 2f;
        return progress.Stage == Stage.Thinking && progress.Match == 0 && progress.Count > half
            ? new TokenBias(_closeToken, LargestBias * Math.Min((progress.Count - half) / half, 1))
            : _inner?.Bias(state) ?? default;
    }

    public bool IsComplete(in ConstraintState state) =>
        Progress.Of(state.Phase).Stage != Stage.Closing && (_inner?.IsComplete(state) ?? true);

    private int? ForcedClosing(in ConstraintState state, Span<int> tokens)
    {
        var progress = Progress.Of(state.Phase);
        if (progress.Stage != Stage.Closing)
        {
            return null;
        }

        var left = _closing.AsSpan(progress.Count);
        var count = Math.Min(left.Length, tokens.Length);
        left[..count].CopyTo(tokens);
        return count;
    }

    private Progress Next(Progress progress, int token)
    {
        switch (progress.Stage)
        {
            case Stage.Before:
                var seen = progress.Count + 1;
                return Finds(_open, progress.Match, token, out var opening) ? new Progress(Stage.Thinking, 0, 0)
                    : seen < OpeningTokens ? new Progress(Stage.Before, seen, opening)
                    : new Progress(Stage.Answering, 0, 0);
            case Stage.Thinking:
                var count = progress.Count + 1;
                return Finds(_close, progress.Match, token, out var closing) ? new Progress(Stage.Answering, 0, 0)
                    : MayEndAfter(token, count, closing) ? new Progress(Stage.Closing, 0, 0)
                    : new Progress(Stage.Thinking, count, closing);
            case Stage.Closing when progress.Count + 1 < _closing.Length:
                return progress with { Count = progress.Count + 1 };
            default:
                return new Progress(Stage.Answering, 0, 0);
        }
    }

    private bool Finds(StopMatcher matcher, int node, int token, out int next)
    {
        var state = new StopState(node);
        var bytes = _vocabulary.IsControl(token) ? System.Text.Encoding.UTF8.GetBytes(_vocabulary.Written(token)) : _vocabulary.Piece(token);
        var found = matcher.Find(ref state, bytes) is not null;
        next = state.Node;
        return found;
    }

    /// <summary>After the budget: where a sentence ends, later after any whole character; never within what may be the closing tag.</summary>
    private bool MayEndAfter(int token, int count, int match)
    {
        if (count < _budget || match != 0 || _vocabulary.Piece(token) is not [.., < 0x80 and var last])
        {
            return false;
        }

        return last is (byte)'.' or (byte)'!' or (byte)'?' or (byte)'\n' || count >= _budget + (_budget / 4);
    }

    /// <summary>Where the thoughts stand, packed into <see cref="ConstraintState.Phase"/>.</summary>
    /// <param name="Stage">What is being written.</param>
    /// <param name="Count">Tokens of the stage so far.</param>
    /// <param name="Match">How far the opening or closing tag is matched.</param>
    private readonly record struct Progress(Stage Stage, int Count, int Match)
    {
        private const int MatchBits = 8;
        private const int StageBits = 2;

        public int Packed => (Math.Min(Count, (1 << 20) - 1) << (MatchBits + StageBits)) | (Match << StageBits) | (int)Stage;

        public static Progress Of(int packed) =>
            new((Stage)(packed & 3), packed >> (MatchBits + StageBits), (packed >> StageBits) & ((1 << MatchBits) - 1));
    }
}
