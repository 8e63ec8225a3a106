using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Connector.Decoding.Constraints.Patterns;

/// <summary>
/// Reads ECMA-262 regular expressions as the <c>pattern</c> keyword uses them: by code points, with the lenient
/// escapes of Annex B. Back references, lookbehinds and other things that no finite automaton decides are refused.
/// A leading <c>(?i)</c>, which is not ECMA's, is read as it is meant.
/// </summary>
internal sealed class PatternParser
{
    private const int MaxDepth = 200;

    private readonly string _pattern;
    private readonly int[] _text;
    private int _at;
    private int _depth;
    private bool _ignoreCase;
    private bool _dotAll;

    private PatternParser(string pattern)
    {
        _pattern = pattern;
        _text = [.. pattern.EnumerateRunes().Select(r => r.Value)];
    }

    /// <summary>Parses a pattern.</summary>
    /// <exception cref="PatternException">The pattern is malformed or not regular.</exception>
    public static PatternNode Parse(string pattern)
    {
        var parser = new PatternParser(pattern);
        if (pattern.StartsWith("(?i)", StringComparison.Ordinal))
        {
            parser._ignoreCase = true;
            parser._at = 4;
        }

        var node = parser.Choice();
        return parser._at == parser._text.Length ? node : throw parser.Error("an unmatched ')'");
    }

    private int Peek => _at < _text.Length ? _text[_at] : -1;

    private bool TryTake(char c)
    {
        if (Peek != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool TryTake(string s)
    {
        for (var i = 0; i < s.Length; i++)
        {
            if (_at + i >= _text.Length || _text[_at + i] != s[i])
            {
                return false;
            }
        }

        _at += s.Length;
        return true;
    }

    private PatternException Error(string what) => new($"The pattern {_pattern} has {what} at position {_at}.");

    private PatternNode Choice()
    {
        if (++_depth > MaxDepth)
        {
            throw Error($"groups nested deeper than {MaxDepth}");
        }

        var options = ImmutableArray.CreateBuilder<PatternNode>();
        do
        {
            options.Add(Sequence());
        }
        while (TryTake('|'));
        _depth--;
        return options.Count == 1 ? options[0] : new PatternChoice(options.ToImmutable());
    }

    private PatternNode Sequence()
    {
        var items = ImmutableArray.CreateBuilder<PatternNode>();
        while (Peek is not (-1 or '|' or ')'))
        {
            items.Add(Term());
        }

        return items.Count == 1 ? items[0] : new PatternSequence(items.ToImmutable());
    }

    private PatternNode Term()
    {
        switch (Peek)
        {
            case '^':
                _at++;
                return new PatternStart();
            case '$':
                _at++;
                return new PatternEnd();
            case '\\' when _at + 1 < _text.Length && _text[_at + 1] is 'b' or 'B':
                _at += 2;
                return new PatternWordBoundary(_text[_at - 1] == 'B');
            case '*' or '+' or '?':
                throw Error("a quantifier with nothing to repeat");
            default:
                return Quantified(Atom());
        }
    }

    private PatternNode Quantified(PatternNode body)
    {
        if (!TryQuantifier(out var min, out var max))
        {
            return body;
        }

        if (Peek is '*' or '+' or '{' && TryQuantifier(out _, out _))
        {
            throw Error("a quantifier after a quantifier");
        }

        _ = TryTake('?');
        return body is PatternLookahead ? (min == 0 ? PatternNode.Nothing : body) : new PatternRepeat(body, min, max);
    }

    private bool TryQuantifier(out int min, out int? max)
    {
        (min, max) = (0, null);
        switch (Peek)
        {
            case '*':
                _at++;
                return true;
            case '+':
                _at++;
                min = 1;
                return true;
            case '?':
                _at++;
                max = 1;
                return true;
            case '{':
                return TryCounts(out min, out max);
            default:
                return false;
        }
    }

    // Annex B: a brace that does not read as counts stands for itself.
    private bool TryCounts(out int min, out int? max)
    {
        (min, max) = (0, null);
        var start = _at++;
        if (TryNumber(out min))
        {
            max = min;
            if (TryTake(','))
            {
                max = TryNumber(out var upper) ? upper : null;
            }

            if (TryTake('}'))
            {
                return max is null || min <= max ? true : throw Error("counts out of order");
            }
        }

        _at = start;
        return false;
    }

    private bool TryNumber(out int number)
    {
        var digits = new StringBuilder();
        while (Peek is >= '0' and <= '9')
        {
            digits.Append((char)_text[_at++]);
        }

        return int.TryParse(digits.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            || (digits.Length > 0 ? throw Error("a count that is too large") : false);
    }

    private PatternNode Atom()
    {
        var c = _text[_at++];
        return c switch
        {
            '(' => Group(),
            '[' => Set(new PatternClassReader(_pattern, _text).Read(ref _at)),
            '.' => new PatternSet(_dotAll ? CodePointSet.All : CharacterClasses.Dot),
            '\\' => Set(new PatternClassReader(_pattern, _text).Escape(ref _at, inClass: false)),
            _ => Set(CodePointSet.Single(c)),
        };
    }

    private PatternSet Set(CodePointSet set) => new(_ignoreCase ? set.IgnoringCase() : set);

    private PatternNode Group()
    {
        var (ignoreCase, dotAll) = (_ignoreCase, _dotAll);
        bool? lookahead = null;
        if (TryTake("?="))
        {
            lookahead = false;
        }
        else if (TryTake("?!"))
        {
            lookahead = true;
        }
        else if (TryTake("?<=") || TryTake("?<!"))
        {
            throw Error("a lookbehind, which is not supported,");
        }
        else if (TryTake("?<") || TryTake("?P<"))
        {
            while (!TryTake('>'))
            {
                _ = Peek < 0 ? throw Error("an unclosed group name") : _at++;
            }
        }
        else if (TryTake('?'))
        {
            Modifiers();
        }

        var body = Choice();
        if (!TryTake(')'))
        {
            throw Error("an unclosed group");
        }

        (_ignoreCase, _dotAll) = (ignoreCase, dotAll);
        return lookahead is { } negative ? new PatternLookahead(body, negative) : body;
    }

    private void Modifiers()
    {
        for (var on = true; !TryTake(':'); _at++)
        {
            switch (Peek)
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    _ignoreCase = on;
                    break;
                case 's':
                    _dotAll = on;
                    break;
                default:
                    throw Error("an unknown group");
            }
        }
    }
}
