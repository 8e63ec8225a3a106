using Connector.Decoding;
using Connector.Templates.Jinja;

namespace Connector.Templates;

/// <summary>A rendered prompt. Immutable.</summary>
/// <param name="Rendered">The text; it remembers what the template wrote and what came from messages.</param>
internal sealed record ChatPrompt(JinjaString Rendered)
{
    /// <summary>The prompt as text, for people and for format detection; only <see cref="Tokenize"/> tells data from template.</summary>
    public string Text => Rendered.Text;

    /// <summary>The tokens of the text alone, without a begin token.</summary>
    public int[] TokenizeText(Vocabulary vocabulary) => [.. PromptTokenizer.For(vocabulary).Tokenize(Rendered)];

    /// <summary>
    /// The prompt's tokens. Control tokens arise only where the template wrote them. The model's begin token stands at
    /// the start exactly once if the model expects it, whether or not the template writes it too.
    /// </summary>
    public int[] Tokenize(Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var tokens = PromptTokenizer.For(vocabulary).Tokenize(Rendered);
        if (vocabulary is not { AddsBeginOfSequence: true, BeginOfSequence: { } begin })
        {
            return [.. tokens];
        }

        var written = tokens.TakeWhile(t => t == begin).Count();
        return [begin, .. tokens.Skip(written)];
    }
}
