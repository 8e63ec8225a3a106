using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Tests.Constraints.Support;

/// <summary>
/// Context-free grammars whose meaning is spelled out: tables of which parts of a text each rule derives, filled until
/// nothing changes. The reference for the parser.
/// </summary>
internal sealed class GrammarModel
{
    private readonly List<Part> _parts;
    private readonly List<List<int[]>> _rules;

    private GrammarModel(List<Part> parts, List<List<int[]>> rules)
    {
        _parts = parts;
        _rules = rules;
    }

    internal abstract record Part;

    internal sealed record Lexeme(Rx Regex) : Part;

    internal sealed record Rule(int Index) : Part;

    internal sealed record Loop(int Item, int? Separator, int Min, int Max) : Part;

    public static GrammarModel Random(Random random, string alphabet)
    {
        var parts = new List<Part>();
        for (var i = 0; i < 3; i++)
        {
            parts.Add(new Lexeme(Rx.Random(random, alphabet, random.Next(3))));
        }

        var ruleCount = 1 + random.Next(4);
        for (var i = 0; i < ruleCount; i++)
        {
            parts.Add(new Rule(i));
        }

        if (random.Next(2) == 0)
        {
            var min = random.Next(3);
            parts.Add(new Loop(random.Next(parts.Count), random.Next(2) == 0 ? random.Next(parts.Count) : null, min, random.Next(2) == 0 ? int.MaxValue : min + random.Next(3)));
        }

        var rules = new List<List<int[]>>();
        for (var i = 0; i < ruleCount; i++)
        {
            rules.Add([.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(parts.Count)).ToArray())]);
        }

        return new GrammarModel(parts, rules);
    }

    public Grammar Build()
    {
        var grammar = new Grammar(new RegexSet());
        var rules = _rules.Select((_, i) => grammar.Rule($"r{i}")).ToArray();
        var symbols = new List<Symbol>();
        foreach (var part in _parts)
        {
            symbols.Add(part switch
            {
                Lexeme lexeme => grammar.Lexeme(lexeme.Regex.Build(grammar.Regexes)),
                Rule rule => rules[rule.Index],
                Loop loop => grammar.Repeat(symbols[loop.Item], loop.Min, loop.Max, loop.Separator is { } s ? symbols[s] : null),
                _ => throw new InvalidOperationException(),
            });
        }

        for (var i = 0; i < _rules.Count; i++)
        {
            foreach (var alternative in _rules[i])
            {
                grammar.Add(rules[i], [.. alternative.Select(p => symbols[p])]);
            }
        }

        grammar.Start = rules[0];
        return grammar;
    }

    public override string ToString() =>
        string.Join("; ", _parts.Select((p, i) => $"{i}={p}")) + " | " +
        string.Join("; ", _rules.Select((r, i) => $"r{i} = " + string.Join(" / ", r.Select(a => string.Join(' ', a)))));

    /// <summary>Whether the first rule derives a text.</summary>
    public bool Matches(string text)
    {
        var n = text.Length;
        var derives = new bool[_parts.Count, n + 1, n + 1];
        for (var changed = true; changed;)
        {
            changed = false;
            for (var part = 0; part < _parts.Count; part++)
            {
                for (var from = 0; from <= n; from++)
                {
                    for (var to = from; to <= n; to++)
                    {
                        if (!derives[part, from, to] && Derives(derives, part, text, from, to))
                        {
                            derives[part, from, to] = changed = true;
                        }
                    }
                }
            }
        }

        return derives[3, 0, n];
    }

    private bool Derives(bool[,,] derives, int part, string text, int from, int to) => _parts[part] switch
    {
        Lexeme lexeme => lexeme.Regex.Matches(text, from, to),
        Rule rule => _rules[rule.Index].Exists(alternative => Sequence(derives, alternative, from, to)),
        Loop loop => Rounds(derives, loop, from, to),
        _ => false,
    };

    private static bool Sequence(bool[,,] derives, int[] parts, int from, int to)
    {
        HashSet<int> reached = [from];
        foreach (var part in parts)
        {
            reached = Ends(derives, part, reached, to);
        }

        return reached.Contains(to);
    }

    private static bool Rounds(bool[,,] derives, Loop loop, int from, int to)
    {
        HashSet<int> reached = [from];
        for (var round = 0; round <= Math.Min(loop.Max, loop.Min + to - from + 1); round++)
        {
            if (round >= loop.Min && reached.Contains(to))
            {
                return true;
            }

            if (round > 0 && loop.Separator is { } separator)
            {
                reached = Ends(derives, separator, reached, to);
            }

            reached = Ends(derives, loop.Item, reached, to);
        }

        return false;
    }

    private static HashSet<int> Ends(bool[,,] derives, int part, HashSet<int> starts, int to) =>
        [.. starts.SelectMany(start => Enumerable.Range(start, to - start + 1).Where(end => derives[part, start, end]))];
}
