using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Connector.Decoding;
using Connector.Templates.Jinja;

namespace Connector.Templates;

/// <summary>
/// Tokenises a rendered prompt: control tokens are cut out of what the template wrote, and all text between two of
/// them is tokenised in one go, whoever wrote it. So the tokens are those of the whole text, except that a control
/// token in a message stays the characters it is. Immutable and thread-safe.
/// </summary>
internal sealed class PromptTokenizer
{
    private static readonly ConditionalWeakTable<Vocabulary, PromptTokenizer> s_known = [];

    private readonly Vocabulary _vocabulary;
    private readonly ConcurrentDictionary<int, bool> _eatsSpace = [];
    private readonly Dictionary<char, (string Text, int Token)[]> _controls;

    private PromptTokenizer(Vocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _controls = Enumerable.Range(0, vocabulary.Count)
            .Where(t => vocabulary.IsControl(t) && vocabulary.Written(t).Length > 0)
            .Select(t => (Text: vocabulary.Written(t), Token: t))
            .DistinctBy(c => c.Text, StringComparer.Ordinal)
            .GroupBy(c => c.Text[0])
            .ToDictionary(g => g.Key, g => g.OrderByDescending(c => c.Text.Length).ToArray());
    }

    /// <summary>The tokenizer of a vocabulary; made once and kept as long as the vocabulary.</summary>
    public static PromptTokenizer For(Vocabulary vocabulary) => s_known.GetValue(vocabulary, v => new PromptTokenizer(v));

    public List<int> Tokenize(JinjaString prompt)
    {
        var tokens = new List<int>();
        var start = 0;
        foreach (var run in prompt.Runs.Where(r => r.IsTemplate))
        {
            for (var i = run.Start; i < run.Start + run.Length;)
            {
                if (FindControl(prompt.Text.AsSpan(i, run.Start + run.Length - i)) is { } control)
                {
                    AddText(prompt.Text[start..i], tokens);
                    tokens.Add(control.Token);
                    i += control.Text.Length;
                    while (i < prompt.Text.Length && char.IsWhiteSpace(prompt.Text[i]) && EatsSpace(control))
                    {
                        i++;
                    }

                    start = i;
                }
                else
                {
                    i++;
                }
            }
        }

        AddText(prompt.Text[start..], tokens);
        return tokens;
    }

    /// <summary>Whether the tokenizer drops white space after a control token, as that of Phi 3 does.</summary>
    private bool EatsSpace((string Text, int Token) control) => _eatsSpace.GetOrAdd(
        control.Token, (token, text) => _vocabulary.Tokenize(text + "\n", parseSpecial: true) is [var only] && only == token, control.Text);

    private void AddText(string text, List<int> tokens)
    {
        if (text.Length > 0)
        {
            tokens.AddRange(_vocabulary.Tokenize(text, parseSpecial: false));
        }
    }

    /// <summary>The longest control token that the text begins with.</summary>
    public (string Text, int Token)? FindControl(ReadOnlySpan<char> text)
    {
        if (_controls.TryGetValue(text[0], out var controls))
        {
            foreach (var control in controls)
            {
                if (text.StartsWith(control.Text, StringComparison.Ordinal))
                {
                    return control;
                }
            }
        }

        return null;
    }
}
