using System.Globalization;
using System.Text;

namespace Connector.Templates.Jinja;

/// <summary>
/// Cuts a template into tokens, with Jinja's trim_blocks (the line break after a block goes) and lstrip_blocks (the
/// white space before a block that starts its line goes), as every chat template expects.
/// </summary>
internal sealed class TemplateLexer(TemplateSource source)
{
    private readonly string _text = source.Text;
    private readonly List<TemplateToken> _tokens = [];
    private int _position;

    private static readonly string[] s_operators =
        ["**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    public static List<TemplateToken> Tokenize(TemplateSource source)
    {
        var lexer = new TemplateLexer(source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        while (_position < _text.Length)
        {
            var tag = FindTag(_position);
            if (tag < 0)
            {
                AddData(_position, _text.Length);
                break;
            }

            var sign = At(tag + 2) is '-' or '+' ? At(tag + 2) : ' ';
            AddData(_position, tag, sign, isBlock: _text[tag + 1] != '{');
            _position = tag + (sign == ' ' ? 2 : 3);
            switch (_text[tag + 1])
            {
                case '#':
                    SkipComment(tag);
                    break;
                case '%' when TryReadWord("raw", out var afterRaw):
                    ReadRaw(tag, afterRaw);
                    break;
                case '%':
                    _tokens.Add(new(TokenKind.BlockBegin, "{%", tag));
                    ReadTag(tag, "%}", TokenKind.BlockEnd);
                    break;
                default:
                    _tokens.Add(new(TokenKind.VariableBegin, "{{", tag));
                    ReadTag(tag, "}}", TokenKind.VariableEnd);
                    break;
            }
        }

        _tokens.Add(new(TokenKind.End, "", _text.Length));
    }

    private int FindTag(int from)
    {
        for (var i = _text.IndexOf('{', from); i >= 0 && i + 1 < _text.Length; i = _text.IndexOf('{', i + 1))
        {
            if (_text[i + 1] is '{' or '%' or '#')
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Adds the text before a tag, shortened as the tag's sign and lstrip_blocks say.</summary>
    private void AddData(int start, int end, char sign = '+', bool isBlock = false)
    {
        var stop = end;
        if (sign == '-')
        {
            while (stop > start && PythonText.IsSpace(_text[stop - 1]))
            {
                stop--;
            }
        }
        else if (sign == ' ' && isBlock)
        {
            var line = end;
            while (line > start && _text[line - 1] != '\n' && PythonText.IsSpace(_text[line - 1]))
            {
                line--;
            }

            stop = line == 0 || _text[line - 1] == '\n' ? line : end;
        }

        if (stop > start)
        {
            _tokens.Add(new(TokenKind.Data, _text[start..stop], start));
        }
    }

    private void SkipComment(int tag)
    {
        var end = _text.IndexOf("#}", _position, StringComparison.Ordinal);
        if (end < 0)
        {
            throw source.Error("the comment has no end", tag);
        }

        var sign = end > _position ? _text[end - 1] : ' ';
        _position = end + 2;
        SkipAfterEnd(sign, trimsNewline: true);
    }

    private void SkipAfterEnd(char sign, bool trimsNewline)
    {
        if (sign == '-')
        {
            while (_position < _text.Length && PythonText.IsSpace(_text[_position]))
            {
                _position++;
            }
        }
        else if (sign != '+' && trimsNewline && At(_position) == '\n')
        {
            _position++;
        }
    }

    /// <summary>Whether the tag that was just opened holds one word and nothing else; then where its text ends.</summary>
    private bool TryReadWord(string word, out (int End, char Sign) after)
    {
        var i = _position;
        while (PythonText.IsSpace(At(i)))
        {
            i++;
        }

        after = default;
        if (string.CompareOrdinal(_text, i, word, 0, word.Length) != 0)
        {
            return false;
        }

        i += word.Length;
        while (PythonText.IsSpace(At(i)))
        {
            i++;
        }

        var sign = At(i) is '-' or '+' ? At(i++) : ' ';
        after = (i + 2, sign);
        return At(i) == '%' && At(i + 1) == '}';
    }

    private void ReadRaw(int tag, (int End, char Sign) after)
    {
        // Unlike other blocks, the opening tag of a raw block keeps the line break after it.
        _position = after.End;
        SkipAfterEnd(after.Sign, trimsNewline: false);
        var start = _position;
        for (var i = _text.IndexOf("{%", start, StringComparison.Ordinal); i >= 0; i = _text.IndexOf("{%", i + 2, StringComparison.Ordinal))
        {
            var sign = At(i + 2) is '-' or '+' ? At(i + 2) : ' ';
            _position = i + (sign == ' ' ? 2 : 3);
            if (TryReadWord("endraw", out var end))
            {
                AddData(start, i, sign, isBlock: true);
                _position = end.End;
                SkipAfterEnd(end.Sign, trimsNewline: true);
                return;
            }
        }

        throw source.Error("the raw block has no end", tag);
    }

    /// <summary>Reads the tokens of an expression or statement, and its end.</summary>
    private void ReadTag(int tag, string end, TokenKind endKind)
    {
        var open = new Stack<char>();
        while (true)
        {
            while (_position < _text.Length && PythonText.IsSpace(_text[_position]))
            {
                _position++;
            }

            if (_position >= _text.Length)
            {
                throw source.Error($"the tag has no '{end}'", tag);
            }

            if (open.Count == 0 && TryReadEnd(end, endKind))
            {
                return;
            }

            ReadToken(open);
        }
    }

    private bool TryReadEnd(string end, TokenKind kind)
    {
        var sign = At(_position) == '-' || (At(_position) == '+' && kind == TokenKind.BlockEnd) ? _text[_position] : ' ';
        var at = sign == ' ' ? _position : _position + 1;
        if (string.CompareOrdinal(_text, at, end, 0, end.Length) != 0)
        {
            return false;
        }

        _tokens.Add(new(kind, end, _position));
        _position = at + end.Length;
        SkipAfterEnd(sign, trimsNewline: kind == TokenKind.BlockEnd);
        return true;
    }

    private void ReadToken(Stack<char> open)
    {
        var start = _position;
        var c = _text[start];
        if (char.IsAsciiDigit(c))
        {
            ReadNumber();
        }
        else if (c == '_' || char.IsLetter(c))
        {
            while (At(_position) == '_' || char.IsLetterOrDigit(At(_position)))
            {
                _position++;
            }

            _tokens.Add(new(TokenKind.Name, _text[start.._position], start));
        }
        else if (c is '"' or '\'')
        {
            ReadString(c);
        }
        else
        {
            var op = s_operators.FirstOrDefault(o => string.CompareOrdinal(_text, start, o, 0, o.Length) == 0)
                ?? throw source.Error($"unexpected character '{c}'", start);
            Balance(open, op[0], start);
            _tokens.Add(new(TokenKind.Operator, op, start));
            _position += op.Length;
        }
    }

    private void Balance(Stack<char> open, char op, int position)
    {
        if (op is '(' or '[' or '{')
        {
            open.Push(op switch { '(' => ')', '[' => ']', _ => '}' });
        }
        else if (op is ')' or ']' or '}' && (!open.TryPop(out var expected) || expected != op))
        {
            throw source.Error($"unexpected '{op}'", position);
        }
    }

    private void ReadNumber()
    {
        var start = _position;
        if (_text[start] == '0' && char.ToLowerInvariant(At(start + 1)) is 'x' or 'o' or 'b')
        {
            _position += 2;
            SkipWhile(c => char.IsAsciiHexDigit(c) || c == '_');
            _tokens.Add(new(TokenKind.Integer, Clean(start), start));
            return;
        }

        SkipDigits();
        var isFloat = false;
        var afterDot = start > 0 && _text[start - 1] == '.';
        if (!afterDot && At(_position) == '.' && char.IsAsciiDigit(At(_position + 1)))
        {
            isFloat = true;
            _position++;
            SkipDigits();
        }

        var sign = At(_position + 1) is '+' or '-' ? 1 : 0;
        if (!afterDot && At(_position) is 'e' or 'E' && char.IsAsciiDigit(At(_position + 1 + sign)))
        {
            isFloat = true;
            _position += 1 + sign;
            SkipDigits();
        }

        _tokens.Add(new(isFloat ? TokenKind.Float : TokenKind.Integer, Clean(start), start));
    }

    private string Clean(int start) => _text[start.._position].Replace("_", "", StringComparison.Ordinal);

    private void SkipDigits() => SkipWhile(c => char.IsAsciiDigit(c) || c == '_');

    private void SkipWhile(Func<char, bool> condition)
    {
        while (_position < _text.Length && condition(_text[_position]))
        {
            _position++;
        }
    }

    private void ReadString(char quote)
    {
        var start = _position++;
        var result = new StringBuilder();
        while (At(_position) != quote)
        {
            if (_position >= _text.Length)
            {
                throw source.Error("the string has no end", start);
            }

            if (_text[_position] == '\\')
            {
                ReadEscape(result);
            }
            else
            {
                result.Append(_text[_position++]);
            }
        }

        _position++;
        _tokens.Add(new(TokenKind.String, result.ToString(), start));
    }

    private void ReadEscape(StringBuilder result)
    {
        var start = _position;
        var c = At(start + 1);
        _position += 2;
        switch (c)
        {
            case '\n':
                break;
            case 'x' or 'u' or 'U':
                var width = c switch { 'x' => 2, 'u' => 4, _ => 8 };
                if (start + 2 + width > _text.Length
                    || !int.TryParse(_text.AsSpan(start + 2, width), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                    || code is < 0 or > 0x10FFFF)
                {
                    throw source.Error($"the escape \\{c} needs {width} hexadecimal digits of a character", start);
                }

                _position += width;
                result.Append(code is >= 0xD800 and <= 0xDFFF ? ((char)code).ToString() : char.ConvertFromUtf32(code));
                break;
            case >= '0' and <= '7':
                var octal = c - '0';
                for (var i = 0; i < 2 && At(_position) is >= '0' and <= '7'; i++)
                {
                    octal = (octal * 8) + (_text[_position++] - '0');
                }

                result.Append((char)octal);
                break;
            default:
                var plain = "\\'\"abfnrtv".IndexOf(c, StringComparison.Ordinal);
                result.Append(plain >= 0 ? "\\'\"\a\b\f\n\r\t\v"[plain].ToString() : "\\" + c);
                break;
        }
    }

    private char At(int index) => index < _text.Length ? _text[index] : '\0';
}
