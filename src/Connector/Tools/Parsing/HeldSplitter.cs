using System.Text;
using Microsoft.Extensions.AI;

namespace Connector.Tools.Parsing;

/// <summary>A splitter that holds text back until it is clear what it is.</summary>
internal abstract class HeldSplitter : IOutputSplitter
{
    private readonly StringBuilder _held = new();

    public void Add(string piece, ICollection<AIContent> output)
    {
        _held.Append(piece);
        if (IsWorthReading(piece, _held.Length))
        {
            Process(output, isFinal: false);
        }
    }

    public virtual void Finish(ICollection<AIContent> output) => Process(output, isFinal: true);

    /// <summary>Whether a new piece may settle what the held text is. Default: always.</summary>
    protected virtual bool IsWorthReading(string piece, int held) => true;

    /// <summary>
    /// Reads the beginning of the held text and returns how much of it is done with; null: nothing can be said before
    /// more of it is there.
    /// </summary>
    protected abstract int? Read(ReadOnlySpan<char> text, ICollection<AIContent> output, bool isFinal);

    private void Process(ICollection<AIContent> output, bool isFinal)
    {
        var text = _held.ToString();
        var from = 0;
        while (from < text.Length && Read(text.AsSpan(from), output, isFinal) is { } used)
        {
            from += used;
        }

        _held.Clear().Append(text, from, text.Length - from);
    }
}
