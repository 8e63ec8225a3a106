using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Grammars;

/// <summary>
/// Which rules of a grammar derive anything of some kind (any text; the empty text): those of which one alternative
/// consists of symbols that do. Guards are left aside.
/// </summary>
internal static class Derivations
{
    /// <summary>The rules that do.</summary>
    /// <param name="grammar">The grammar.</param>
    /// <param name="lexeme">Whether a lexeme does.</param>
    /// <param name="tokens">Whether a set of tokens does.</param>
    public static bool[] Of(Grammar grammar, Func<Regex, bool> lexeme, bool tokens)
    {
        var holds = new bool[grammar.RuleCount];

        // Rules are mostly made after, or mostly before, those that they call: passes in both directions end soon.
        for (var (changed, backwards) = (true, false); changed; backwards = !backwards)
        {
            changed = false;
            for (var i = 0; i < holds.Length; i++)
            {
                var rule = backwards ? holds.Length - 1 - i : i;
                if (!holds[rule] && RuleHolds(grammar, rule, holds, lexeme, tokens))
                {
                    holds[rule] = changed = true;
                }
            }
        }

        return holds;
    }

    /// <summary>Whether a symbol does, by what is known of the rules.</summary>
    public static bool Holds(Grammar grammar, Symbol symbol, bool[] rules, Func<Regex, bool> lexeme, bool tokens)
    {
        var (kind, index, _) = grammar[symbol];
        return kind switch
        {
            SymbolKind.Lexeme => lexeme(new Regex(index)),
            SymbolKind.Tokens => tokens && grammar.TokenSet(index).Length > 0,
            _ => rules[index],
        };
    }

    private static bool RuleHolds(Grammar grammar, int rule, bool[] rules, Func<Regex, bool> lexeme, bool tokens)
    {
        if (grammar.LoopOf(rule) is { } loop)
        {
            return loop.Min == 0
                || (Holds(grammar, loop.Item, rules, lexeme, tokens)
                    && (loop.Min == 1 || loop.Separator is not { } s || Holds(grammar, s, rules, lexeme, tokens)));
        }

        foreach (var alternative in grammar.Alternatives(rule))
        {
            if (Array.TrueForAll(alternative.Symbols, symbol => Holds(grammar, symbol, rules, lexeme, tokens)))
            {
                return true;
            }
        }

        return false;
    }
}
