using System.Globalization;

namespace Connector.Tools;

/// <summary>The form of a model family's call ids.</summary>
internal enum CallIdStyle
{
    /// <summary><c>call_</c> and 24 letters and digits.</summary>
    Usual,

    /// <summary>Nine letters and digits (Mistral).</summary>
    Short,

    /// <summary><c>functions.NAME:INDEX</c>, the index counting all calls of the conversation (Kimi).</summary>
    Numbered,
}

/// <summary>Gives ids to the calls of one answer; none appears twice in the conversation. Not thread-safe.</summary>
/// <param name="style">Their form.</param>
/// <param name="taken">The ids that the conversation holds already.</param>
/// <param name="random">Draws them.</param>
internal sealed class CallIds(CallIdStyle style, IEnumerable<string> taken, Random random)
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private readonly HashSet<string> _taken = new(taken, StringComparer.Ordinal);

    /// <summary>The id of a call: the one the model gave it, where that is of the right form and new.</summary>
    public string Next(ToolCall call)
    {
        if (call.Id is { Length: > 0 } own && HasForm(own) && _taken.Add(own))
        {
            return own;
        }

        var number = _taken.Count;
        while (true)
        {
            var id = style switch
            {
                CallIdStyle.Short => new string(random.GetItems<char>(Letters, 9)),
                CallIdStyle.Numbered => string.Create(CultureInfo.InvariantCulture, $"functions.{call.Name}:{number++}"),
                _ => "call_" + new string(random.GetItems<char>(Letters, 24)),
            };
            if (_taken.Add(id))
            {
                return id;
            }
        }
    }

    private bool HasForm(string id) => style switch
    {
        CallIdStyle.Short => id.Length == 9 && id.All(char.IsAsciiLetterOrDigit),
        CallIdStyle.Numbered => id.StartsWith("functions.", StringComparison.Ordinal),
        _ => true,
    };
}
