using System.Text;
using Connector.Tools.Parsing;
using Microsoft.Extensions.AI;

namespace Connector.Reasoning;

/// <summary>
/// Takes the block of thoughts off the start of an answer and hands the rest to another splitter. White space around
/// the thoughts is dropped.
/// </summary>
/// <param name="tags">What stands around the thoughts.</param>
/// <param name="startsInside">Whether the prompt ends with the opening tag, so that the model thinks from its first token on.</param>
/// <param name="rest">Takes the answer.</param>
internal sealed class ReasoningSplitter(ReasoningTags tags, bool startsInside, IOutputSplitter rest) : IOutputSplitter
{
    private enum Place
    {
        Before,
        Inside,
        After,
        Answer,
    }

    private readonly StringBuilder _held = new();
    private readonly string[] _closings = [tags.Close];
    private Place _place = startsInside ? Place.Inside : Place.Before;
    private bool _hasThought;

    public void Add(string piece, ICollection<AIContent> output)
    {
        if (_place == Place.Answer)
        {
            rest.Add(piece, output);
            return;
        }

        _held.Append(piece);
        Process(output, isFinal: false);
    }

    public void Finish(ICollection<AIContent> output)
    {
        Process(output, isFinal: true);
        rest.Finish(output);
    }

    private void Process(ICollection<AIContent> output, bool isFinal)
    {
        if (_place == Place.Before)
        {
            FindOpening(isFinal);
        }

        if (_place == Place.Inside)
        {
            PassThoughts(output, isFinal);
        }

        if (_place == Place.After)
        {
            SkipSpace();
        }

        if (_place == Place.Answer && _held.Length > 0)
        {
            rest.Add(_held.ToString(), output);
            _held.Clear();
        }
    }

    private void FindOpening(bool isFinal)
    {
        var text = _held.ToString();
        var shown = text.AsSpan().TrimStart();
        var open = tags.Open.AsSpan().TrimEnd();
        if (shown.StartsWith(open, StringComparison.Ordinal))
        {
            _held.Remove(0, text.Length - shown.Length + open.Length);
            _place = Place.Inside;
        }
        else if (isFinal || !open.StartsWith(shown, StringComparison.Ordinal))
        {
            _place = Place.Answer;
        }
    }

    private void PassThoughts(ICollection<AIContent> output, bool isFinal)
    {
        var text = _held.ToString().AsSpan();
        var at = text.IndexOf(tags.Close, StringComparison.Ordinal);
        var held = at >= 0 || isFinal ? 0 : HeldText.PartialMarker(text, _closings);
        var thoughts = at >= 0 ? text[..at] : text[..^held];
        if (!_hasThought)
        {
            // A model whose prompt opens the block already may open it again.
            var open = tags.Open.AsSpan().TrimEnd();
            var shown = thoughts.TrimStart();
            if (at < 0 && !isFinal && open.StartsWith(text.TrimStart(), StringComparison.Ordinal))
            {
                return;
            }

            thoughts = (shown.StartsWith(open, StringComparison.Ordinal) ? shown[open.Length..] : shown).TrimStart();
        }

        var space = HeldText.TrailingSpace(thoughts);
        if (thoughts.Length > space)
        {
            output.Add(new TextReasoningContent(thoughts[..^space].ToString()));
            _hasThought = true;
        }

        var kept = at >= 0 ? text[(at + tags.Close.Length)..].ToString() : isFinal ? "" : string.Concat(thoughts[^space..], text[^held..]);
        _held.Clear().Append(kept);
        _place = at >= 0 ? Place.After : Place.Inside;
    }

    private void SkipSpace()
    {
        var text = _held.ToString();
        var shown = text.AsSpan().TrimStart();
        _held.Remove(0, text.Length - shown.Length);
        _place = shown.IsEmpty ? Place.After : Place.Answer;
    }
}
