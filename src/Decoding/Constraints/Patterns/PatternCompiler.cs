using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Patterns;

/// <summary>
/// Turns a pattern into a regular language over the bytes of an encoding. Assertions are read as conditions on the
/// rest of the text, so each node is lowered together with what follows it: <c>(?=a)</c> before rest K is K ∧ a·Σ*,
/// <c>$</c> before K is K ∧ ε.
/// </summary>
internal sealed class PatternCompiler(TextEncoding encoding)
{
    private const int MaxUnrolled = 16;

    private readonly RegexSet _set = encoding.Regexes;

    /// <summary>The texts that a pattern matches somewhere, as JSON Schema reads <c>pattern</c>.</summary>
    /// <exception cref="PatternException">The pattern is malformed or not regular.</exception>
    public Regex Search(string pattern)
    {
        var any = encoding.AnyText;
        var (atStart, anywhere) = PatternAnchors.Split(PatternParser.Parse(pattern));
        var found = atStart is null ? _set.Nothing : Lower(atStart, any, LeftContext.Start);
        if (anywhere is null)
        {
            return found;
        }

        if (!anywhere.HasWordBoundary)
        {
            return _set.Or(found, _set.Concat(any, Lower(anywhere, any, LeftContext.Unknown)));
        }

        var (word, other) = (CharacterClasses.Word, CharacterClasses.Word.Complement());
        return _set.Or(
            found,
            Lower(anywhere, any, LeftContext.Start),
            _set.Concat(any, encoding.One(word), Lower(anywhere, any, new LeftContext(word, MayBeStart: false))),
            _set.Concat(any, encoding.One(other), Lower(anywhere, any, new LeftContext(other, MayBeStart: false))));
    }

    /// <summary>The texts that a pattern matches from their first to their last code point.</summary>
    /// <exception cref="PatternException">The pattern is malformed or not regular.</exception>
    public Regex FullMatch(string pattern)
    {
        var (atStart, anywhere) = PatternAnchors.Split(PatternParser.Parse(pattern));
        return _set.Or(
            atStart is null ? _set.Nothing : Lower(atStart, _set.Empty, LeftContext.Start),
            anywhere is null ? _set.Nothing : Lower(anywhere, _set.Empty, LeftContext.Start));
    }

    private Regex Lower(PatternNode node, Regex rest, LeftContext left)
    {
        switch (node)
        {
            case PatternSet set:
                return _set.Concat(encoding.One(set.Set), rest);
            case PatternSequence sequence:
                for (var i = sequence.Items.Length - 1; i >= 0; i--)
                {
                    rest = Lower(sequence.Items[i], rest, left.After(sequence.Items.AsSpan(0, i)));
                }

                return rest;
            case PatternChoice choice:
                return choice.HasAssertion
                    ? _set.Or([.. choice.Options.Select(o => Lower(o, rest, left))])
                    : _set.Concat(_set.Or([.. choice.Options.Select(o => Lower(o, _set.Empty, left))]), rest);
            case PatternRepeat repeat:
                return repeat.Body.HasAssertion
                    ? Unroll(repeat, rest, left)
                    : _set.Concat(_set.Repeat(Lower(repeat.Body, _set.Empty, left), repeat.Min, repeat.Max ?? RegexSet.Unbounded), rest);
            case PatternEnd:
                return _set.And(rest, _set.Empty);
            case PatternLookahead lookahead:
                var ahead = Lower(lookahead.Body, encoding.AnyText, left);
                return _set.And(rest, lookahead.Negative ? _set.Not(ahead) : ahead);
            case PatternWordBoundary boundary:
                return Boundary(boundary, rest, left);
            default:
                throw new PatternException("'^' stands where it depends on what a loop has read, which is not supported.");
        }
    }

    // A loop whose body asserts something about what follows: each round is lowered before the next.
    private Regex Unroll(PatternRepeat repeat, Regex rest, LeftContext left)
    {
        if (repeat is { Min: 0, Max: null, Body: PatternSequence { Items: [PatternLookahead { Negative: true } guard, PatternSet one] } }
            && rest == _set.Empty && !guard.Body.HasAssertion)
        {
            // (?:(?!x)c)* up to the end: texts of c that nowhere hold an x.
            var held = _set.Concat(encoding.AnyText, Lower(guard.Body, encoding.AnyText, LeftContext.Unknown));
            return _set.Except(_set.Repeat(encoding.One(one.Set), 0), _set.IsNullable(held) ? encoding.AnyText : held);
        }

        var rounds = repeat.Max ?? repeat.Min;
        if (rounds > MaxUnrolled || repeat.Max is null)
        {
            throw new PatternException("An assertion inside an unbounded or long loop is not supported.");
        }

        var inner = left.Join(LeftContext.None.After([repeat.Body]));
        for (var round = rounds; round > 0; round--)
        {
            var once = Lower(repeat.Body, rest, round == 1 ? left : inner);
            rest = round > repeat.Min ? _set.Or(rest, once) : once;
        }

        return rest;
    }

    private Regex Boundary(PatternWordBoundary boundary, Regex rest, LeftContext left)
    {
        var wordAhead = _set.Concat(encoding.One(CharacterClasses.Word), encoding.AnyText);
        if (left.Chars.IsSubsetOf(CharacterClasses.Word) && !left.MayBeStart)
        {
            return _set.And(rest, boundary.Negative ? wordAhead : _set.Not(wordAhead));
        }

        if (left.Chars.Intersect(CharacterClasses.Word).IsEmpty)
        {
            return _set.And(rest, boundary.Negative ? _set.Not(wordAhead) : wordAhead);
        }

        throw new PatternException("A word boundary after characters of both kinds is not supported.");
    }
}

/// <summary>What may stand right before a place of a pattern.</summary>
/// <param name="Chars">The code points that may.</param>
/// <param name="MayBeStart">Whether the place may be the start of the text.</param>
internal readonly record struct LeftContext(CodePointSet Chars, bool MayBeStart)
{
    /// <summary>The start of the text.</summary>
    public static LeftContext Start { get; } = new(CodePointSet.Empty, MayBeStart: true);

    /// <summary>Anything or nothing.</summary>
    public static LeftContext Unknown { get; } = new(CodePointSet.All, MayBeStart: true);

    /// <summary>No place at all: the unit of <see cref="Join"/>.</summary>
    public static LeftContext None { get; } = new(CodePointSet.Empty, MayBeStart: false);

    /// <summary>Either of two.</summary>
    public LeftContext Join(LeftContext other) => new(Chars.Union(other.Chars), MayBeStart || other.MayBeStart);

    /// <summary>What stands before the place after some nodes that begin here.</summary>
    public LeftContext After(ReadOnlySpan<PatternNode> nodes)
    {
        var context = this;
        foreach (var node in nodes)
        {
            context = context.After(node);
        }

        return context;
    }

    private LeftContext After(PatternNode node)
    {
        switch (node)
        {
            case PatternSet set:
                return new(set.Set, MayBeStart: false);
            case PatternSequence sequence:
                return After(sequence.Items.AsSpan());
            case PatternChoice choice:
                var before = this;
                return choice.Options.Select(o => before.After(o)).Aggregate(static (x, y) => x.Join(y));
            case PatternRepeat repeat:
                var once = After(repeat.Body);
                var again = once.After(repeat.Body).Join(once);
                return repeat.Min == 0 ? again.Join(this) : again;
            default:
                return this;
        }
    }
}
