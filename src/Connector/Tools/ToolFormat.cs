using System.Collections.Immutable;
using Connector.Decoding.Constraints.Grammars;
using Connector.Templates.Jinja;
using Connector.Tools.Constraints;
using Connector.Tools.Parsing;

namespace Connector.Tools;

/// <summary>
/// How a family of models writes calls: writing them, reading them while they are generated, and constraining them.
/// Immutable and thread-safe.
/// </summary>
internal abstract class ToolFormat
{
    /// <summary>What the format is called, for choosing it by hand.</summary>
    public abstract string Name { get; }

    /// <summary>The texts that a call can begin with; control tokens stand in their written form.</summary>
    public abstract ImmutableArray<string> Openings { get; }

    /// <summary>Whether calls stand only at the very start of an answer, because their opening is ordinary text.</summary>
    public virtual bool OnlyAtStart => false;

    /// <summary>The form of this family's call ids.</summary>
    public virtual CallIdStyle IdStyle => CallIdStyle.Usual;

    /// <summary>
    /// Reads what begins with one of the <see cref="Openings"/>: one call or a section of several, to its end. False
    /// where the text is none, or where it is not all there yet (<see cref="CallReader.IsStarved"/>).
    /// </summary>
    /// <param name="reader">Stands at the opening; after success behind the last call.</param>
    /// <param name="tools">The tools by name, whose schemas tell a number from a string in formats without quotes.</param>
    /// <param name="calls">Receives the calls.</param>
    public abstract bool TryRead(ref CallReader reader, IReadOnlyDictionary<string, ToolSignature> tools, List<ToolCall> calls);

    /// <summary>Writes calls as the models of this family do. Names and arguments count as data, all else as the template's.</summary>
    public abstract JinjaString Render(IReadOnlyList<ToolCall> calls);

    /// <summary>The language of one call, or of several where <paramref name="parallel"/>, from the opening to the end.</summary>
    /// <param name="grammar">Where it is built.</param>
    /// <param name="tools">The tools that may be called, at least one.</param>
    /// <param name="parallel">Whether more than one call is allowed.</param>
    public abstract Symbol Calls(ConstraintGrammar grammar, IReadOnlyList<ToolSignature> tools, bool parallel);

    /// <summary>What the system message says where the template does not show tools.</summary>
    public JinjaString Explain(IEnumerable<ToolSignature> tools)
    {
        var text = new CallWriter();
        text.Marker("# Tools\n\nYou may call functions to help with the request. These are their signatures, one in each line:\n<tools>\n");
        foreach (var tool in tools)
        {
            text.Data(ToolJson.Signature(tool)).Marker("\n");
        }

        text.Marker("</tools>\n\nTo call a function, write its name and its arguments exactly like this:\n");
        text.Add(Render([new ToolCall("function-name", """{"argument-name": "argument-value"}""", "000000000")]));
        text.Marker("\nThe result of the call follows in the next message. Without need for a function just answer.");
        return text.ToJinjaString();
    }
}
