using Connector.Benchmarks.EndToEnd.Reporting;

namespace Connector.Benchmarks.ToolCalling.Families;

/// <summary>What the conversations showed about one family.</summary>
internal sealed class FamilyTally(string name)
{
    private readonly List<double> _milliseconds = [];

    public int RightAnswers { get; set; }

    public int RejectedRightAnswers { get; set; }

    public int MisreadRightAnswers { get; set; }

    public int WrongAnswers { get; set; }

    public int AcceptedWrongAnswers { get; set; }

    public int Exceptions { get; set; }

    public static IReadOnlyList<string> Columns { get; } =
    [
        "family (template)", "conversations", "ready p50, ms", "ready p99, ms", "right answers", "rejected", "misread", "wrong answers", "accepted", "exceptions",
    ];

    /// <summary>Counts a conversation, and the time until its first token could be chosen.</summary>
    public void AddConversation(TimeSpan ready) => _milliseconds.Add(ready.TotalMilliseconds);

    public IReadOnlyList<object> Row()
    {
        double[] ascending = [.. _milliseconds.Order().DefaultIfEmpty()];
        return
        [
            name,
            _milliseconds.Count,
            Estimate.Percentile(ascending, 0.5),
            Estimate.Percentile(ascending, 0.99),
            RightAnswers,
            RejectedRightAnswers,
            MisreadRightAnswers,
            WrongAnswers,
            AcceptedWrongAnswers,
            Exceptions,
        ];
    }
}
