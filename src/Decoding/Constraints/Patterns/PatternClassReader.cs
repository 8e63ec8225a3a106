namespace Connector.Decoding.Constraints.Patterns;

/// <summary>Reads the parts of a pattern that stand for one code point: escapes and bracketed classes.</summary>
internal readonly struct PatternClassReader(string pattern, int[] text)
{
    /// <summary>Reads a class, its opening bracket already taken.</summary>
    public CodePointSet Read(ref int at)
    {
        var negated = at < text.Length && text[at] == '^';
        at += negated ? 1 : 0;
        var ranges = new List<(int First, int Last)>();
        while (true)
        {
            if (at >= text.Length)
            {
                throw new PatternException($"The pattern {pattern} has an unclosed class.");
            }

            if (text[at] == ']')
            {
                at++;
                var set = CodePointSet.Of(ranges);
                return negated ? set.Complement() : set;
            }

            var first = Atom(ref at);
            if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                var last = Atom(ref at);
                ranges.AddRange(Range(first, last).Ranges);
            }
            else
            {
                ranges.AddRange(first.Ranges);
            }
        }
    }

    /// <summary>Reads an escape, its backslash already taken.</summary>
    public CodePointSet Escape(ref int at, bool inClass)
    {
        if (at >= text.Length)
        {
            throw new PatternException($"The pattern {pattern} ends in a backslash.");
        }

        var c = text[at++];
        switch (c)
        {
            case 'd':
                return CharacterClasses.Digit;
            case 'D':
                return CharacterClasses.Digit.Complement();
            case 'w':
                return CharacterClasses.Word;
            case 'W':
                return CharacterClasses.Word.Complement();
            case 's':
                return CharacterClasses.Space;
            case 'S':
                return CharacterClasses.Space.Complement();
            case 'p' or 'P' when at < text.Length && text[at] == '{':
                var set = Property(ref at);
                return c == 'p' ? set : set.Complement();
            case 'k' when at < text.Length && text[at] == '<' && !inClass:
            case >= '1' and <= '9' when !inClass:
                throw new PatternException($"The pattern {pattern} has a back reference, which no automaton can decide.");
            default:
                return CodePointSet.Single(Character(c, ref at, inClass));
        }
    }

    private CodePointSet Atom(ref int at)
    {
        var c = text[at++];
        return c == '\\' ? Escape(ref at, inClass: true) : CodePointSet.Single(c);
    }

    // Annex B: a class escape beside a dash leaves the dash as itself.
    private CodePointSet Range(CodePointSet first, CodePointSet last)
    {
        if (!IsSingle(first) || !IsSingle(last))
        {
            return first.Union(last).Union(CodePointSet.Single('-'));
        }

        var (low, high) = (first.Ranges[0].First, last.Ranges[0].First);
        return low <= high
            ? CodePointSet.Of((low, high))
            : throw new PatternException($"The pattern {pattern} has a class range out of order.");
    }

    private static bool IsSingle(CodePointSet set) => set.Ranges is [var range] && range.First == range.Last;

    private CodePointSet Property(ref int at)
    {
        var start = ++at;
        while (at < text.Length && text[at] != '}')
        {
            at++;
        }

        var name = string.Concat(text[start..at].Select(char.ConvertFromUtf32));
        at++;
        return CharacterClasses.Property(name)
            ?? throw new PatternException($"The pattern {pattern} uses the Unicode property {name}, which is not supported.");
    }

    private int Character(int c, ref int at, bool inClass) => c switch
    {
        't' => '\t',
        'n' => '\n',
        'v' => '\v',
        'f' => '\f',
        'r' => '\r',
        'b' when inClass => '\b',
        '0' => '\0',
        'c' when at < text.Length && char.IsAsciiLetter((char)text[at]) => text[at++] % 32,
        'x' when TryHex(at, 2, out var x) => Take(x, 2, ref at),
        'u' when at < text.Length && text[at] == '{' => Braced(ref at),
        'u' when TryHex(at, 4, out var u) => Utf16(Take(u, 4, ref at), ref at),
        _ => c,
    };

    private int Utf16(int unit, ref int at)
    {
        if (unit is >= 0xD800 and < 0xDC00
            && at + 1 < text.Length && text[at] == '\\' && text[at + 1] == 'u'
            && TryHex(at + 2, 4, out var low) && low is >= 0xDC00 and < 0xE000)
        {
            at += 6;
            return char.ConvertToUtf32((char)unit, (char)low);
        }

        return unit;
    }

    private int Braced(ref int at)
    {
        for (var length = 1; at + 1 + length < text.Length && length <= 6; length++)
        {
            if (text[at + 1 + length] == '}' && TryHex(at + 1, length, out var value) && value <= CodePointSet.Max)
            {
                at += length + 2;
                return value;
            }
        }

        throw new PatternException($"The pattern {pattern} has a malformed \\u{{…}} escape.");
    }

    private static int Take(int value, int length, ref int at)
    {
        at += length;
        return value;
    }

    private bool TryHex(int start, int length, out int value)
    {
        value = 0;
        for (var i = start; i < start + length; i++)
        {
            if (i >= text.Length || text[i] > 'f' || !char.IsAsciiHexDigit((char)text[i]))
            {
                return false;
            }

            value = (value * 16) + Convert.ToInt32(((char)text[i]).ToString(), 16);
        }

        return true;
    }
}
