using Connector.Templates.Jinja;

namespace Connector.Tools;

/// <summary>Writes calls: markers are the template's, names and arguments are data.</summary>
internal sealed class CallWriter
{
    private readonly JinjaStringBuilder _text = new();

    public CallWriter Marker(string text)
    {
        _text.Append(text, isTemplate: true);
        return this;
    }

    public CallWriter Data(string text)
    {
        _text.Append(text, isTemplate: false);
        return this;
    }

    public CallWriter Add(JinjaString text)
    {
        _text.Append(text);
        return this;
    }

    public JinjaString ToJinjaString() => _text.ToJinjaString();
}
