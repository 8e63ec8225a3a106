using Microsoft.Extensions.AI;

namespace Connector.Tools.Parsing;

/// <summary>
/// Tells apart what a model writes while it writes: text, reasoning, calls. Text may come in pieces of any size; what
/// could still become a marker is held back. Not thread-safe.
/// </summary>
internal interface IOutputSplitter
{
    /// <summary>Takes the next piece and adds what is certain by now.</summary>
    void Add(string piece, ICollection<AIContent> output);

    /// <summary>Adds what was held back: there will be no more.</summary>
    void Finish(ICollection<AIContent> output);
}
