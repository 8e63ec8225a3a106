using Microsoft.Extensions.AI;

namespace Connector.Samples.Chat;

/// <summary>What answers cost.</summary>
internal sealed record AnswerStatistics
{
    public long Answers { get; private init; }

    public long PromptTokens { get; private init; }

    public long CachedTokens { get; private init; }

    public long AnswerTokens { get; private init; }

    public TimeSpan ToFirstToken { get; private init; }

    public TimeSpan Generating { get; private init; }

    public static AnswerStatistics Of(UsageDetails usage, TimeSpan toFirstToken, TimeSpan total) => new()
    {
        Answers = 1,
        PromptTokens = usage.InputTokenCount ?? 0,
        CachedTokens = usage.CachedInputTokenCount ?? 0,
        AnswerTokens = usage.OutputTokenCount ?? 0,
        ToFirstToken = toFirstToken,
        Generating = total - toFirstToken,
    };

    public static AnswerStatistics operator +(AnswerStatistics a, AnswerStatistics b) => new()
    {
        Answers = a.Answers + b.Answers,
        PromptTokens = a.PromptTokens + b.PromptTokens,
        CachedTokens = a.CachedTokens + b.CachedTokens,
        AnswerTokens = a.AnswerTokens + b.AnswerTokens,
        ToFirstToken = a.ToFirstToken + b.ToFirstToken,
        Generating = a.Generating + b.Generating,
    };

    /// <summary>One line: tokens, speed after the first token, and the wait for it (the mean of several answers).</summary>
    public override string ToString()
    {
        var later = Math.Max(0, AnswerTokens - Answers);
        var speed = Generating > TimeSpan.Zero ? later / Generating.TotalSeconds : 0;
        var wait = ToFirstToken.TotalSeconds / Math.Max(1, Answers);
        return FormattableString.Invariant(
            $"{PromptTokens} prompt tokens ({CachedTokens} cached), {AnswerTokens} answer tokens, {speed:0.0} tokens/s, first token after {wait:0.000} s");
    }
}
