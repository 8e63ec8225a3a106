namespace Connector.Benchmarks.ToolCalling.Calling;

/// <summary>What became of conversations in which a model had to call.</summary>
internal sealed class GenerationTally
{
    public int Conversations { get; set; }

    public int Calls { get; set; }

    public int WithoutCall { get; set; }

    public int CutOff { get; set; }

    public int Unparsed { get; set; }

    public int NotOffered { get; set; }

    public int Invalid { get; set; }

    public int Exceptions { get; set; }

    public long Tokens { get; set; }

    /// <summary>From the first request to the last answer, prompts included.</summary>
    public TimeSpan Time { get; set; }

    public static IReadOnlyList<string> Columns { get; } =
    [
        "conversations", "calls", "unparsed", "not offered", "invalid", "no call", "cut off", "exceptions", "answer tokens/s",
    ];

    public IReadOnlyList<object> Row() =>
        [Conversations, Calls, Unparsed, NotOffered, Invalid, WithoutCall, CutOff, Exceptions, Time > TimeSpan.Zero ? Tokens / Time.TotalSeconds : 0.0];
}
