namespace Connector.Benchmarks.ToolCalling.Checks;

/// <summary>What went wrong, for people to read; the first few of each kind, since one cause shows many times.</summary>
internal sealed class FaultList(int mostOfEach)
{
    private readonly List<IReadOnlyList<object>> _rows = [];
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public static IReadOnlyList<string> Columns { get; } = ["where", "conversation", "what"];

    public IReadOnlyList<IReadOnlyList<object>> Rows => _rows;

    /// <summary>Takes note, unless there are enough of this kind already.</summary>
    public void Add(string where, string conversation, string what)
    {
        var kind = $"{where} {what[..Math.Min(what.Length, 24)]}";
        if ((_counts[kind] = _counts.GetValueOrDefault(kind) + 1) <= mostOfEach)
        {
            _rows.Add([where, conversation, what.ReplaceLineEndings("⏎")]);
        }
    }
}
