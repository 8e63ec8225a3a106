using System.Text;
using Microsoft.Extensions.AI;

namespace Connector.Tools.Parsing;

/// <summary>
/// Finds calls in an answer. Text goes on as soon as it cannot be part of a call; calls go on whole; what looked like
/// a call and is none goes on as text. White space around calls is dropped.
/// </summary>
internal sealed class ToolCallSplitter(ToolFormat format, IReadOnlyDictionary<string, ToolSignature> tools, CallContents contents) : IOutputSplitter
{
    /// <summary>Up to this length a call is read again with every piece, so that what is none is told early.</summary>
    private const int EagerLength = 64;

    private readonly StringBuilder _held = new();
    private bool _inCall;
    private string _gap = "";
    private bool _hasText;
    private bool _hasCalls;

    public void Add(string piece, ICollection<AIContent> output)
    {
        _held.Append(piece);
        var mayEnd = piece.AsSpan().ContainsAny('>', '}', ']');
        if (!_inCall || mayEnd || _held.Length < EagerLength)
        {
            Process(output, isFinal: false);
        }
    }

    public void Finish(ICollection<AIContent> output) => Process(output, isFinal: true);

    private void Process(ICollection<AIContent> output, bool isFinal)
    {
        var text = _held.ToString();
        var from = 0;
        while (from < text.Length)
        {
            var rest = text.AsSpan(from);
            if (!_inCall)
            {
                from += PassText(rest, output, isFinal);
                if (!_inCall)
                {
                    break;
                }

                continue;
            }

            var calls = new List<ToolCall>();
            var reader = new CallReader(rest, isFinal);
            if (format.TryRead(ref reader, tools, calls))
            {
                foreach (var call in calls)
                {
                    output.Add(contents.Create(call));
                }

                _hasCalls = true;
                from += reader.Position;
            }
            else if (reader.IsStarved)
            {
                break;
            }
            else
            {
                _ = HeldText.Find(rest, format.Openings, out var opening);
                Emit(_gap + opening, output);
                from += opening.Length;
            }

            _inCall = false;
            _gap = "";
        }

        _held.Clear().Append(text, from, text.Length - from);
    }

    /// <summary>Passes text on up to an opening, or up to what may become one; returns how much is done with.</summary>
    private int PassText(ReadOnlySpan<char> text, ICollection<AIContent> output, bool isFinal)
    {
        var at = HeldText.Find(text, format.Openings, out _);
        if (at >= 0 && MayOpen(text[..at]))
        {
            var shown = text[..at].TrimEnd();
            _inCall = true;
            _gap = text[shown.Length..at].ToString();
            Emit(shown.ToString(), output);
            return at;
        }

        if (isFinal)
        {
            Emit(_hasCalls ? text.TrimEnd().ToString() : text.ToString(), output);
            return text.Length;
        }

        var held = HeldText.PartialMarker(text, format.Openings);
        held = MayOpen(text[..^held]) ? held : 0;
        held += HeldText.TrailingSpace(text[..^held]);
        Emit(text[..^held].ToString(), output);
        return text.Length - held;
    }

    private bool MayOpen(ReadOnlySpan<char> before) => !format.OnlyAtStart || (!_hasText && before.IsWhiteSpace());

    private void Emit(string text, ICollection<AIContent> output)
    {
        var shown = _hasCalls ? text.TrimStart() : text;
        if (shown.Length > 0)
        {
            output.Add(new TextContent(shown));
            _hasText = true;
            _hasCalls = false;
        }
    }
}
