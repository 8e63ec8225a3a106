using Microsoft.Extensions.AI;

namespace Connector.Tools.Parsing;

/// <summary>
/// Finds calls in an answer. Text goes on as soon as it cannot be part of a call; calls go on whole; what looked like
/// a call and is none goes on as text. White space around calls is dropped.
/// </summary>
internal sealed class ToolCallSplitter(ToolFormat format, IReadOnlyDictionary<string, ToolSignature> tools, CallContents contents) : HeldSplitter
{
    /// <summary>Up to this length a call is read again with every piece, so that what is none is told early.</summary>
    private const int EagerLength = 64;

    private bool _inCall;
    private string _gap = "";
    private bool _hasText;
    private bool _hasCalls;

    protected override bool IsWorthReading(string piece, int held) =>
        !_inCall || piece.AsSpan().ContainsAny('>', '}', ']') || held < EagerLength;

    protected override int? Read(ReadOnlySpan<char> text, ICollection<AIContent> output, bool isFinal)
    {
        if (!_inCall)
        {
            var passed = PassText(text, output, isFinal);
            return passed > 0 || _inCall ? passed : null;
        }

        var calls = new List<ToolCall>();
        var reader = new CallReader(text, isFinal);
        var used = 0;
        if (format.TryRead(ref reader, tools, calls))
        {
            foreach (var call in calls)
            {
                output.Add(contents.Create(call));
            }

            _hasCalls = true;
            used = reader.Position;
        }
        else if (reader.IsStarved)
        {
            return null;
        }
        else
        {
            _ = HeldText.Find(text, format.Openings, out var opening);
            Emit(_gap + opening, output);
            used = opening.Length;
        }

        _inCall = false;
        _gap = "";
        return used;
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
