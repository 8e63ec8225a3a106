using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Connector.Decoding.Constraints.Gbnf;

/// <summary>
/// Reads the grammar format of llama.cpp (grammars/README.md and src/llama-grammar.cpp there): rules
/// <c>name ::= alternatives</c>, one per line; texts, character classes, <c>.</c>, groups, <c>* + ? {m,n}</c>, tokens
/// <c>&lt;name&gt;</c>, <c>&lt;[id]&gt;</c> and <c>!</c> before them, comments from <c>#</c>.
/// </summary>
internal sealed class GbnfParser(string source, Vocabulary vocabulary)
{
    private readonly Dictionary<string, GbnfNode> _rules = [];
    private int _next;

    /// <summary>The rules by name. A rule defined twice has its last definition, as in llama.cpp.</summary>
    /// <exception cref="FormatException">The text is no grammar; the message tells the line and the column.</exception>
    public Dictionary<string, GbnfNode> Parse()
    {
        SkipSpace(lines: true);
        while (_next < source.Length)
        {
            var name = Name();
            SkipSpace(lines: false);
            Expect("::=");
            SkipSpace(lines: true);
            _rules[name] = Alternatives(nested: false);
            if (_next < source.Length && source[_next] is not ('\r' or '\n'))
            {
                throw Error("a new line or the end of the grammar is expected");
            }

            SkipSpace(lines: true);
        }

        return _rules;
    }

    /// <summary>An error at a place of the source.</summary>
    public FormatException Error(string message, int? at = null)
    {
        var before = source.AsSpan(0, Math.Min(at ?? _next, source.Length));
        var line = before.Count('\n') + 1;
        var column = before.Length - before.LastIndexOf('\n');
        return new FormatException($"Grammar, line {line}, column {column}: {message}.");
    }

    private char Current => _next < source.Length ? source[_next] : '\0';

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private void SkipSpace(bool lines)
    {
        while (_next < source.Length)
        {
            if (Current == '#')
            {
                while (_next < source.Length && Current is not ('\r' or '\n'))
                {
                    _next++;
                }
            }
            else if (Current is ' ' or '\t' || (lines && Current is '\r' or '\n'))
            {
                _next++;
            }
            else
            {
                return;
            }
        }
    }

    private void Expect(string text)
    {
        if (!source.AsSpan(_next).StartsWith(text))
        {
            throw Error($"'{text}' is expected");
        }

        _next += text.Length;
    }

    private string Name()
    {
        var start = _next;
        while (IsNameCharacter(Current))
        {
            _next++;
        }

        return _next > start ? source[start.._next] : throw Error("a rule's name is expected");
    }

    private GbnfNode Alternatives(bool nested)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var alternatives = new List<GbnfNode> { Sequence(nested) };
        while (Current == '|')
        {
            _next++;
            SkipSpace(lines: true);
            alternatives.Add(Sequence(nested));
        }

        return alternatives.Count == 1 ? alternatives[0] : new GbnfNode.Choice([.. alternatives]);
    }

    private GbnfNode Sequence(bool nested)
    {
        var items = new List<GbnfNode>();
        while (_next < source.Length)
        {
            switch (Current)
            {
                case '"':
                    items.Add(new GbnfNode.Text(Quoted()));
                    break;
                case '[':
                    items.Add(Class());
                    break;
                case '.':
                    _next++;
                    items.Add(new GbnfNode.CodePoint([], IsNegated: true));
                    break;
                case '<' or '!':
                    items.Add(Token());
                    break;
                case '(':
                    _next++;
                    SkipSpace(lines: true);
                    items.Add(Alternatives(nested: true));
                    Expect(")");
                    break;
                case '*' or '+' or '?' or '{':
                    Repetition(items);
                    break;
                case var c when IsNameCharacter(c):
                    var start = _next;
                    items.Add(new GbnfNode.Reference(Name(), start));
                    break;
                default:
                    return items.Count == 1 ? items[0] : new GbnfNode.Sequence([.. items]);
            }

            SkipSpace(nested);
        }

        return items.Count == 1 ? items[0] : new GbnfNode.Sequence([.. items]);
    }

    private void Repetition(List<GbnfNode> items)
    {
        if (items.Count == 0)
        {
            throw Error($"'{Current}' needs something before it to repeat");
        }

        var (min, max) = source[_next++] switch
        {
            '*' => (0, int.MaxValue),
            '+' => (1, int.MaxValue),
            '?' => (0, 1),
            _ => Bounds(),
        };
        if (min > max)
        {
            throw Error($"the bounds {{{min},{max}}} allow nothing");
        }

        items[^1] = new GbnfNode.Repeat(items[^1], min, max);
    }

    private (int Min, int Max) Bounds()
    {
        SkipSpace(lines: true);
        var min = Number();
        var max = min;
        SkipSpace(lines: true);
        if (Current == ',')
        {
            _next++;
            SkipSpace(lines: true);
            max = char.IsAsciiDigit(Current) ? Number() : int.MaxValue;
            SkipSpace(lines: true);
        }

        Expect("}");
        return (min, max);
    }

    private int Number()
    {
        var start = _next;
        while (char.IsAsciiDigit(Current))
        {
            _next++;
        }

        return int.TryParse(source.AsSpan(start, _next - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Error("a number below two billion is expected", start);
    }

    private string Quoted()
    {
        var start = _next++;
        var text = new StringBuilder();
        while (Current != '"')
        {
            if (_next >= source.Length)
            {
                throw Error("the text that starts here does not end", start);
            }

            text.Append(Rune.IsValid(Peek()) ? new Rune(Character()).ToString() : throw Error("this is no Unicode character"));
        }

        _next++;
        return text.ToString();
    }

    private GbnfNode.CodePoint Class()
    {
        var start = _next++;
        var negated = Current == '^';
        _next += negated ? 1 : 0;
        var ranges = new List<(int Low, int High)>();
        while (Current != ']')
        {
            if (_next >= source.Length)
            {
                throw Error("the class that starts here does not end", start);
            }

            var low = Character();
            var high = low;
            if (Current == '-' && _next + 1 < source.Length && source[_next + 1] != ']')
            {
                _next++;
                high = Character();
            }

            if (high < low)
            {
                throw Error("this range ends before it starts");
            }

            ranges.Add((low, high));
        }

        _next++;
        return ranges.Count > 0 || negated ? new GbnfNode.CodePoint([.. ranges], negated) : throw Error("this class is empty", start);
    }

    private int Peek()
    {
        var here = _next;
        var character = Character();
        _next = here;
        return character;
    }

    private int Character()
    {
        if (_next >= source.Length)
        {
            throw Error("the grammar ends within a text or class");
        }

        if (Current != '\\')
        {
            if (Rune.DecodeFromUtf16(source.AsSpan(_next), out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                throw Error("this is no Unicode character");
            }

            _next += length;
            return rune.Value;
        }

        var start = _next++;
        var escape = Current;
        _next++;
        return escape switch
        {
            'x' => Hexadecimal(2, start),
            'u' => Hexadecimal(4, start),
            'U' => Hexadecimal(8, start),
            't' => '\t',
            'r' => '\r',
            'n' => '\n',
            '\\' or '"' or '[' or ']' or '-' => escape,
            _ => throw Error("this escape is unknown", start),
        };
    }

    private int Hexadecimal(int digits, int start)
    {
        if (_next + digits > source.Length
            || !int.TryParse(source.AsSpan(_next, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value is < 0 or > 0x10FFFF)
        {
            throw Error($"{digits} hexadecimal digits of a Unicode character are expected", start);
        }

        _next += digits;
        return value;
    }

    private GbnfNode.Token Token()
    {
        var start = _next;
        var negated = Current == '!';
        _next += negated ? 1 : 0;
        Expect("<");
        int id;
        if (Current == '[')
        {
            _next++;
            id = Number();
            Expect("]");
            Expect(">");
            if (id >= vocabulary.Count)
            {
                throw Error($"the vocabulary has no token {id}", start);
            }
        }
        else
        {
            var end = source.IndexOf('>', _next);
            if (end < 0)
            {
                throw Error("the token that starts here does not end", start);
            }

            var name = source[(_next - 1)..(end + 1)];
            _next = end + 1;
            id = vocabulary.Tokenize(name, parseSpecial: true) is [var only]
                ? only
                : throw Error($"'{name}' is not one token of the vocabulary", start);
        }

        return negated || !vocabulary.IsEndOfGeneration(id)
            ? new GbnfNode.Token(id, negated)
            : throw Error("a token that ends the generation cannot stand within it", start);
    }
}
