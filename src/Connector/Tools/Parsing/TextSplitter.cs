using Microsoft.Extensions.AI;

namespace Connector.Tools.Parsing;

/// <summary>Where there are neither tools nor thoughts, everything is text.</summary>
internal sealed class TextSplitter : IOutputSplitter
{
    public void Add(string piece, ICollection<AIContent> output)
    {
        if (piece.Length > 0)
        {
            output.Add(new TextContent(piece));
        }
    }

    public void Finish(ICollection<AIContent> output)
    {
        // Nothing is ever held back.
    }
}
