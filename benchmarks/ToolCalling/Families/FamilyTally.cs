using Connector.Benchmarks.EndToEnd.Reporting;

namespace Connector.Benchmarks.ToolCalling.Families;

/// <summary>What the conversations showed about one family.</summary>
internal sealed class FamilyTally(string name)
{
    private readonly List<double> _milliseconds = [];

    public string Name => name;

    public int Conversations { get; private set; }

    public int RightAnswers { get; set; }

    public int RejectedRightAnswers { get; set; }

    public int WrongAnswers { get; set; }

    public int AcceptedWrongAnswers { get; set; }

    public int Exceptions { get; set; }

    public void AddConversation(TimeSpan rendering)
    {
        Conversations++;
        _milliseconds.Add(rendering.TotalMilliseconds);
    }

    public static IReadOnlyList<string> Columns { get; } =
    [
        "family", "conversations", "ready p50, ms", "ready p99, ms", "right answers", "rejected", "wrong answers", "accepted", "exceptions",
    ];

    public IReadOnlyList<object> Row()
    {
        double[] ascending = [.. _milliseconds.Order()];
        return
        [
            name,
            Conversations,
            ascending.Length > 0 ? Estimate.Percentile(ascending, 0.5) : 0.0,
            ascending.Length > 0 ? Estimate.Percentile(ascending, 0.99) : 0.0,
            RightAnswers,
            RejectedRightAnswers,
            WrongAnswers,
            AcceptedWrongAnswers,
            Exceptions,
        ];
    }
}
