using System.Text;

namespace Connector.Templates.Jinja;

/// <summary>A run of characters of one origin: the template's own text, or text of a message.</summary>
internal readonly record struct TextRun(int Start, int Length, bool IsTemplate);

/// <summary>
/// A string that remembers, down to the character, what the template itself wrote and what came from a message, a tool
/// or any other data. Immutable. Equality and hashing look at the text alone.
/// </summary>
/// <remarks>The origin is kept as the ascending positions at which it changes, so that an ordinary string costs nothing.</remarks>
internal sealed class JinjaString : JinjaValue
{
    private readonly int[] _changes;
    private readonly bool _startsInTemplate;
    private bool? _isFlat;

    internal JinjaString(string text, bool startsInTemplate, int[] changes)
    {
        Text = text;
        _startsInTemplate = startsInTemplate;
        _changes = changes;
    }

    public static JinjaString Empty { get; } = Template("");

    public string Text { get; }

    /// <summary>Whether the text holds no surrogates, so that an index in it is an index of code points.</summary>
    public bool IsFlat => _isFlat ??= !Text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');

    public override string TypeName => "str";

    public override bool IsTrue => Text.Length > 0;

    public override int? Length => IsFlat ? Text.Length : CodePointStarts().Length - 1;

    public override IEnumerable<JinjaValue> Items
    {
        get
        {
            for (var i = 0; i < Text.Length;)
            {
                var width = char.IsSurrogatePair(Text, i) ? 2 : 1;
                yield return Slice(i, width);
                i += width;
            }
        }
    }

    /// <summary>The runs of equal origin, in order; none for the empty string.</summary>
    public IEnumerable<TextRun> Runs
    {
        get
        {
            var start = 0;
            var template = _startsInTemplate;
            foreach (var change in _changes)
            {
                yield return new TextRun(start, change - start, template);
                (start, template) = (change, !template);
            }

            if (start < Text.Length)
            {
                yield return new TextRun(start, Text.Length - start, template);
            }
        }
    }

    /// <summary>Text that the template wrote.</summary>
    public static JinjaString Template(string text) => new(text, startsInTemplate: true, []);

    /// <summary>Text of a message, a tool or other data.</summary>
    public static JinjaString Data(string text) => new(text, startsInTemplate: false, []);

    /// <summary>Strings one after the other, outside of a rendering.</summary>
    public static JinjaString Join(params ReadOnlySpan<JinjaString> parts)
    {
        var result = new JinjaStringBuilder();
        foreach (var part in parts)
        {
            result.Append(part);
        }

        return result.ToJinjaString();
    }

    /// <summary>Whether the character at an index was written by the template.</summary>
    public bool IsTemplateAt(int index)
    {
        var at = Array.BinarySearch(_changes, index);
        var flips = at >= 0 ? at + 1 : ~at;
        return _startsInTemplate ^ (flips % 2 != 0);
    }

    /// <summary>Whether the template wrote all of it.</summary>
    public bool IsAllTemplate => _startsInTemplate && _changes.Length == 0;

    /// <summary>A part, by UTF-16 index; every character keeps its origin.</summary>
    public JinjaString Slice(int start, int length)
    {
        if (start == 0 && length == Text.Length)
        {
            return this;
        }

        if (length == 0)
        {
            return Empty;
        }

        int[] changes = _changes.Length == 0
            ? []
            : [.. _changes.Where(c => c > start && c < start + length).Select(c => c - start)];
        return new JinjaString(Text.Substring(start, length), IsTemplateAt(start), changes);
    }

    /// <summary>The part from an index on.</summary>
    public JinjaString Slice(int start) => Slice(start, Text.Length - start);

    /// <summary>Another text of the same length, such as one in other case: every character has the origin of the one it replaces.</summary>
    public JinjaString WithText(string text) => text.Length == Text.Length
        ? new JinjaString(text, _startsInTemplate, _changes)
        : throw new ArgumentException("The text has another length.", nameof(text));

    /// <summary>The UTF-16 index at which each code point starts, and the length.</summary>
    public int[] CodePointStarts()
    {
        var starts = new List<int>(Text.Length + 1);
        for (var i = 0; i < Text.Length; i += char.IsSurrogatePair(Text, i) ? 2 : 1)
        {
            starts.Add(i);
        }

        return [.. starts, Text.Length];
    }

    public override string ToString() => Text;
}

/// <summary>Puts a <see cref="JinjaString"/> together; every character counts against the rendering's budget, where there is one.</summary>
internal sealed class JinjaStringBuilder(RenderBudget? budget = null)
{
    private readonly StringBuilder _text = new();
    private readonly List<int> _changes = [];
    private bool _startsInTemplate = true;
    private bool _template = true;

    public int Length => _text.Length;

    public void Append(ReadOnlySpan<char> text, bool isTemplate)
    {
        if (text.IsEmpty)
        {
            return;
        }

        budget?.Characters(text.Length);
        if (_text.Length == 0)
        {
            _startsInTemplate = isTemplate;
        }
        else if (_template != isTemplate)
        {
            _changes.Add(_text.Length);
        }

        _template = isTemplate;
        _text.Append(text);
    }

    public void Append(JinjaString text)
    {
        foreach (var run in text.Runs)
        {
            Append(text.Text.AsSpan(run.Start, run.Length), run.IsTemplate);
        }
    }

    public JinjaString ToJinjaString() => new(_text.ToString(), _startsInTemplate, [.. _changes]);
}
