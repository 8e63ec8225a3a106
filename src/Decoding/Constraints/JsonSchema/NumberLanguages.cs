using System.Numerics;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>The conditions on numbers as regular languages of their spellings.</summary>
internal sealed class NumberLanguages
{
    private readonly RegexSet _set;
    private readonly Regex _digit;
    private readonly Regex _digits;
    private readonly Regex _whole;
    private readonly Regex _fraction;
    private readonly Regex _zeroFraction;
    private readonly Regex _nonZeroDigit;
    private readonly Regex _unsigned;
    private readonly Regex _sign;

    /// <summary>Prepares the languages.</summary>
    public NumberLanguages(RegexSet set)
    {
        _set = set;
        _digit = set.Range((byte)'0', (byte)'9');
        _digits = set.Repeat(_digit, 0);
        _nonZeroDigit = set.Range((byte)'1', (byte)'9');
        _whole = set.Or(set.Literal("0"), set.Concat(_nonZeroDigit, _digits));
        _fraction = set.Optional(set.Concat(set.Literal("."), set.Repeat(_digit, 1)));
        _zeroFraction = set.Optional(set.Concat(set.Literal("."), set.Repeat(set.Literal("0"), 1)));
        _unsigned = set.Concat(_whole, _fraction);
        _sign = set.Literal("-");
        All = new NumberSet(set.Concat(set.Optional(_sign), _unsigned), NumberSigns.All);
        None = new NumberSet(set.Nothing, NumberSigns.None);
        var zero = set.Concat(set.Literal("0"), _zeroFraction);
        Zero = zero;
        var integer = set.Concat(set.Optional(_sign), _whole, _zeroFraction);
        Integer = new NumberCondition(
            new NumberSet(integer, NumberSigns.Zero),
            new NumberSet(set.Concat(set.Optional(_sign), _whole, set.Literal("."), NonZeroDigits()), NumberSigns.None));
    }

    /// <summary>Every spelling.</summary>
    public NumberSet All { get; }

    /// <summary>No spelling.</summary>
    public NumberSet None { get; }

    /// <summary>Whole numbers, such as 1.0.</summary>
    public NumberCondition Integer { get; }

    /// <summary>Whole numbers written without a point: what draft 4 calls an integer.</summary>
    public NumberSet IntegerLiteral => new(_set.Concat(_set.Optional(_sign), _whole), NumberSigns.None);

    private Regex Zero { get; }

    /// <summary>The spellings in both sets.</summary>
    public NumberSet Both(NumberSet x, NumberSet y) => new(_set.And(x.Plain, y.Plain), x.Exponents & y.Exponents);

    /// <summary>The spellings in either set.</summary>
    public NumberSet Either(NumberSet x, NumberSet y) => new(_set.Or(x.Plain, y.Plain), x.Exponents | y.Exponents);

    /// <summary>The set as one language.</summary>
    /// <param name="set">The set.</param>
    /// <param name="isPlain">Whether whole numbers are written without a point and, unless any number will do, all without an exponent.</param>
    public Regex Language(NumberSet set, bool isPlain = false)
    {
        if (isPlain && set.Exponents != NumberSigns.All)
        {
            var pointed = _set.Concat(_set.Optional(_sign), _whole, _set.Literal("."), _set.Repeat(_set.Literal("0"), 1));
            return _set.Except(set.Plain, pointed);
        }

        if (set.Exponents == NumberSigns.None)
        {
            return set.Plain;
        }

        var mantissas = new List<Regex>();
        if (set.Exponents == NumberSigns.All)
        {
            mantissas.Add(All.Plain);
        }
        else
        {
            mantissas.Add(set.Exponents.HasFlag(NumberSigns.Zero) ? _set.Concat(_set.Optional(_sign), Zero) : _set.Nothing);
            var nonZero = _set.Except(_unsigned, Zero);
            mantissas.Add(set.Exponents.HasFlag(NumberSigns.Positive) ? nonZero : _set.Nothing);
            mantissas.Add(set.Exponents.HasFlag(NumberSigns.Negative) ? _set.Concat(_sign, nonZero) : _set.Nothing);
        }

        var exponent = _set.Concat(_set.AnyOf("eE"u8), _set.Optional(_set.AnyOf("+-"u8)), _set.Repeat(_digit, 1, 3));
        return _set.Or(set.Plain, _set.Concat(_set.Or([.. mantissas]), exponent));
    }

    /// <summary>At least, or with <paramref name="exclusive"/> more than, a bound.</summary>
    public NumberCondition AtLeast(JsonDecimal bound, bool exclusive)
    {
        var plain = bound.Sign switch
        {
            0 when exclusive => _set.Except(_unsigned, Zero),
            0 => _set.Or(_unsigned, _set.Concat(_sign, Zero)),
            > 0 => UnsignedAtLeast(bound, exclusive),
            _ => _set.Or(_unsigned, _set.Concat(_sign, _set.Except(_unsigned, UnsignedAtLeast(bound, !exclusive)))),
        };
        var fulfilling = bound.Sign switch
        {
            < 0 => NumberSigns.Positive | NumberSigns.Zero,
            0 => exclusive ? NumberSigns.Positive : NumberSigns.Positive | NumberSigns.Zero,
            _ => NumberSigns.None,
        };
        var breaking = bound.Sign switch
        {
            < 0 => NumberSigns.None,
            0 => exclusive ? NumberSigns.Negative | NumberSigns.Zero : NumberSigns.Negative,
            _ => NumberSigns.Negative | NumberSigns.Zero,
        };
        return new(new(plain, fulfilling), new(_set.Except(All.Plain, plain), breaking));
    }

    /// <summary>At most, or with <paramref name="exclusive"/> less than, a bound.</summary>
    public NumberCondition AtMost(JsonDecimal bound, bool exclusive)
    {
        var above = AtLeast(bound, !exclusive);
        return new(above.Breaking, above.Fulfilling);
    }

    /// <summary>Exactly a value. Fulfilled by its usual spelling, with or without <c>.0</c>.</summary>
    public NumberCondition Exactly(JsonDecimal value)
    {
        var (whole, fraction) = (value.IntegerDigits, value.FractionDigits);
        var sign = value.Sign < 0 ? _sign : value.Sign == 0 ? _set.Optional(_sign) : _set.Empty;
        var spellings = fraction.Length == 0
            ? _set.Concat(sign, _set.Literal(whole), _zeroFraction)
            : _set.Concat(sign, _set.Literal($"{whole}.{fraction}"), _set.Repeat(_set.Literal("0"), 0));
        var usual = fraction.Length == 0
            ? _set.Concat(_set.Literal(value.ToString()), _set.Optional(_set.Literal(".0")))
            : _set.Literal(value.ToString());
        var own = value.Sign switch { < 0 => NumberSigns.Negative, 0 => NumberSigns.Zero, _ => NumberSigns.Positive };
        return new(new(usual, NumberSigns.None), new(_set.Except(All.Plain, spellings), NumberSigns.All & ~own));
    }

    /// <summary>A multiple of a positive divisor; null where the divisor has too many digits.</summary>
    public NumberCondition? MultipleOf(JsonDecimal divisor)
    {
        var places = Math.Max(-divisor.Exponent, 0);
        var unit = divisor.Digits * BigInteger.Pow(10, Math.Max(divisor.Exponent, 0));
        if (unit > RegexSet.MaxDivisor || places > 30)
        {
            return null;
        }

        var options = new List<Regex>();
        for (var written = 0; written <= places; written++)
        {
            // With so many digits after the point, N·10^(places − written) must be a multiple of the unit.
            var step = unit / BigInteger.GreatestCommonDivisor(unit, BigInteger.Pow(10, places - written));
            var digits = written == 0 ? _whole : _set.Concat(_whole, _set.Literal("."), _set.Repeat(_digit, written, written));
            var multiples = step.IsOne ? digits : _set.And(digits, _set.Multiples((int)step));
            options.Add(written < places ? multiples
                : _set.Concat(multiples, places == 0 ? _zeroFraction : _set.Repeat(_set.Literal("0"), 0)));
        }

        var plain = _set.Concat(_set.Optional(_sign), _set.Or([.. options]));
        return new(new(plain, NumberSigns.Zero), new(_set.Except(All.Plain, plain), NumberSigns.None));
    }

    private Regex UnsignedAtLeast(JsonDecimal bound, bool exclusive)
    {
        var whole = bound.IntegerDigits;
        var options = new List<Regex>
        {
            // More digits before the point, or the same digits and then a fraction that is large enough.
            whole == "0"
                ? _set.Concat(_nonZeroDigit, _digits, _fraction)
                : _set.Concat(_nonZeroDigit, _set.Repeat(_digit, whole.Length), _fraction),
            _set.Concat(_set.Literal(whole), FractionAtLeast(bound.FractionDigits, exclusive)),
        };
        for (var i = 0; i < whole.Length && whole != "0"; i++)
        {
            options.Add(_set.Concat(_set.Literal(whole[..i]), DigitAbove(whole[i]), _set.Repeat(_digit, whole.Length - i - 1, whole.Length - i - 1), _fraction));
        }

        return _set.Or([.. options]);
    }

    private Regex FractionAtLeast(string bound, bool exclusive)
    {
        var point = _set.Literal(".");
        if (bound.Length == 0)
        {
            return exclusive ? _set.Concat(point, NonZeroDigits()) : _fraction;
        }

        var options = new List<Regex> { _set.Concat(_set.Literal(bound), exclusive ? NonZeroDigits() : _digits) };
        for (var i = 0; i < bound.Length; i++)
        {
            options.Add(_set.Concat(_set.Literal(bound[..i]), DigitAbove(bound[i]), _digits));
        }

        return _set.Concat(point, _set.Or([.. options]));
    }

    private Regex DigitAbove(char digit) => digit == '9' ? _set.Nothing : _set.Range((byte)(digit + 1), (byte)'9');

    private Regex NonZeroDigits() => _set.Concat(_set.Repeat(_set.Literal("0"), 0), _nonZeroDigit, _digits);
}
